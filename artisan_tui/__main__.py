"""``python -m artisan_tui`` is ``artisan-tui``."""

from artisan_tui.main import main

main()
