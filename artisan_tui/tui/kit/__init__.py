"""Widgets and dialogs that every wing uses."""
