"""Text that leaves: words for people, in both languages.

The screen and its plain-text twin say things with the same words, from here. Nothing in
here reads a clock or a socket.
"""
