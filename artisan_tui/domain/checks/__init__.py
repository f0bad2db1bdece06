"""Rules of checks: health, flapping, root causes, the observer rule."""
