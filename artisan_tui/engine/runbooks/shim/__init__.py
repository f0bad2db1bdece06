"""The shim: a process of its own that runs one attempt of a step, and survives the dashboard that started it.

Standard library and `domain.text` only: it starts with every step.
"""
