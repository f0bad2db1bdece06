"""Runs of runbooks: what is done next, and the processes that do it."""
