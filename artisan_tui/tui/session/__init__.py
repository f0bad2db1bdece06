"""What every session has, on the screen."""
