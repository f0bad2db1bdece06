"""What stand-ins of channels were asked."""

from __future__ import annotations

PATH = "/services/T0123/B0456/aVerySecretToken99"
