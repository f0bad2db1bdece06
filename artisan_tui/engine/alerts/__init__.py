"""Alerts in a running session."""
