"""The running core, without a screen.

Wings probe, evaluate and read; the journal writer writes down what follows; and one frozen `Snapshot` per change
goes to the screen or the command line. Commands of a person come in through the registry in `engine.commands`, and
no other way. No Textual in here.
"""
