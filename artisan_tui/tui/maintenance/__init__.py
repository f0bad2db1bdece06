"""Maintenance on the screen."""
