"""Words for checks."""
