"""The dashboard in a browser: an HTTP server, its page, and a board in a process of its own for each viewer.

textual-serve brings what runs in the browser: xterm.js, its addons and the font. Its own server is not used: it starts a
shell, asks nobody who they are, takes windows of any size, waits for ever for a board that hangs, and its page loads a
font from the network.
"""
