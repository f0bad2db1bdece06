"""Maintenance windows and mutes."""
