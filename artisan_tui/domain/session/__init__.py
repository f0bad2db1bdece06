"""What every session writes into the journal."""
