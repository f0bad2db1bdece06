"""What a rule refuses: an answer to whoever asked, and no fault of anything."""

from __future__ import annotations


class Refusal(Exception):
    """The message is a sentence for the person who asked."""
