"""Scenario files of drills: one scenario a file."""
