"""Words for what sessions do."""
