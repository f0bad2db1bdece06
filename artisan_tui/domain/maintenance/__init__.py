"""Rules of maintenance windows."""
