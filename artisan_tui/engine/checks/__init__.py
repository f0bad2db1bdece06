"""Probing, evaluating and showing checks."""
