"""Words about runbooks and runs."""
