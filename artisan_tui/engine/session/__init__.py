"""What every session can do: notes, notices, the configuration."""
