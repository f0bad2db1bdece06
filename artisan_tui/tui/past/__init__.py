"""The time machine on the screen: another moment instead of now."""
