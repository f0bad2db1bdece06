"""The screen. Reads `Snapshot`, calls commands; never touches sources, steps or the store.

Widgets are few and fat: each draws its own lines, compares them with what it drew last,
and repaints only the cells that differ. Nothing in here polls.
"""
