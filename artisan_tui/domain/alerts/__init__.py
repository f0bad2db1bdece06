"""Rules of alerts."""
