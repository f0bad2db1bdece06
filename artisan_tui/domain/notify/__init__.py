"""Notices to people and machines: what is said, in which order it leaves, and when it is tried again."""
