"""Words for maintenance."""
