"""Texts about SLOs."""
