"""The screens and dialogs; each knows its widgets and nothing of the engine but the snapshot."""
