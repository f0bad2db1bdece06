"""Text that is safe to store and to print."""
