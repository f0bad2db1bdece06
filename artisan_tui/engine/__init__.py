"""The running core, without a screen.

Sources see, the judge counts, the keeper writes it down, and one frozen `Snapshot` a
change goes to whoever shows it. Operator acts come in through the command registry and
through nothing else. No Textual in here, ever.
"""
