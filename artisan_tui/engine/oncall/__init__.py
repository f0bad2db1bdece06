"""Being on call: who is, the hand-over, checklists and reviews."""
