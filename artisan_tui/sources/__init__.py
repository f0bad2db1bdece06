"""Reads the outside world: one file per check kind, and the metrics backends.

A source says what it saw (`domain.probe_result.ProbeResult`) and judges nothing. Whatever comes
back from a socket is capped and made printable here, before anything else touches it.
"""
