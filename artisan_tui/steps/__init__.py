"""Actions that change other systems. No other room does.

One module per kind of runbook step, and the client of the simulated platform. A failed action raises a sentence that
says what to do. Slow imports happen on first use.
"""
