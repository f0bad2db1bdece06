"""Checks on the screen."""
