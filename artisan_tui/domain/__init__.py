"""Pure rules and frozen values.

This room does no I/O and reads no clock. Time is an argument, always timezone-aware UTC.
"""
