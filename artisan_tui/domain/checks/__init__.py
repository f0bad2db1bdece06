"""Rules about checks: verdicts, health, flapping, root causes, and failures of the observer."""
