"""artisan-tui: one screen for the person on call.

What is broken, what it costs, what to do about it, and what was done. The rooms of
the house and the way data takes through them are described in ARCHITECTURE.md.
"""

__version__ = "0.1.0"
