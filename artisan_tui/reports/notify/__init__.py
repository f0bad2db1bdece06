"""Words about notifications."""
