"""Runs as rows."""
