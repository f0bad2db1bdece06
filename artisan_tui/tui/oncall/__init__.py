"""Being on call, on the screen."""
