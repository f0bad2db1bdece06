"""Reports about SLOs: text, JSON, Markdown reviews, and Prometheus rules."""
