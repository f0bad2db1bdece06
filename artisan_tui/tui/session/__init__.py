"""What every session has on the screen: its journal."""
