"""The few widgets of the house; each draws its own lines."""
