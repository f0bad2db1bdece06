"""Checklists: files with [[checklist]] tables."""
