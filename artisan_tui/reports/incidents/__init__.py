"""Words for incidents."""
