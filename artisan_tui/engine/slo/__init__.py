"""SLOs in a running session: read, evaluated, remembered."""
