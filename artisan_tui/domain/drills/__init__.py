"""What drills write into the journal."""
