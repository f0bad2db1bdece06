"""Words about being on call."""
