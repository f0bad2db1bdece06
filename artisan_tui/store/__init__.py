"""The append-only journal, samples with their roll-ups, the minutes of SLOs, and the last status of every check."""
