"""The simulated stack of the demo."""
