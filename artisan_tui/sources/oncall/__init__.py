"""Schedules of other tools."""
