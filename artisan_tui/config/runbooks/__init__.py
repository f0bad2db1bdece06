"""`runbooks.toml`: models, templates, lint, schema."""
