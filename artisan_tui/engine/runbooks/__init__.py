"""Runbooks in the running core."""
