"""Rules of runbooks and their runs: definitions, the run machine, undo, approval. Pure."""
