"""Words for alerts."""
