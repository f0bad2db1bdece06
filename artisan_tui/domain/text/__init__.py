"""Text that is safe to keep, print and hash."""
