"""Words for drills."""
