"""SLOs in the configuration."""
