"""Measures that are written with mistakes."""

from __future__ import annotations

MEASURE = '[[service.check]]\nid = "queue"\nkind = "measure"\n'
