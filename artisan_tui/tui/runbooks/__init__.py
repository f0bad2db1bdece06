"""Runbooks and runs on the screen."""
