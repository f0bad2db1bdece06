"""``manual``: a person does it; what is shown is resolved like that of every step."""

from artisan_tui.steps.runbooks.by_hand import ByHand

KIND = ByHand("a person", "instructions")
