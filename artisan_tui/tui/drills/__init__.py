"""The simulated stack on the screen."""
