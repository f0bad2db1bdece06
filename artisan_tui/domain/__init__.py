"""Pure rules and frozen values.

No I/O and no clock: time comes in as an argument, always timezone-aware UTC. What is
here can be tested by example and by property without starting anything.
"""
