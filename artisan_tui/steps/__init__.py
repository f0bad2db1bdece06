"""Changes the outside world; nothing else in the house does.

One file per kind of runbook step, and the client of the simulated platform for drills. It
promises that what could not be done is raised as a sentence a person can act on, and that
nothing slow is imported before it is needed.
"""
