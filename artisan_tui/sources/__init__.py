"""Probes and metrics: the code that reads other systems.

`checks/` holds one module or package per check kind, `metrics/` the metrics backends and `slo/` the service level
indicators. A source reports what it read (`domain.probe_result.ProbeResult`); the engine evaluates it. Everything
that comes from a socket is limited in size and made printable in this package.
"""
