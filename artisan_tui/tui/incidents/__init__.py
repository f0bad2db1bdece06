"""Incidents on the screen."""
