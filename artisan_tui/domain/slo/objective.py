"""The objective of an SLO, as the exact share of events that may be bad."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

_PERCENT = re.compile(r"(\d{1,4})(?:\.(\d{1,12}))?\s*%?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Objective:
    """A target T, kept as the allowed bad share B = 1 - T = ``num``/``den`` in lowest terms, 0 < B < 1."""

    num: int
    den: int

    @classmethod
    def of(cls, share: Decimal | Fraction) -> Objective:
        """From the target share, such as ``Decimal("0.999")``. Raises ValueError unless 0 < share < 1."""
        target = Fraction(share)
        if target >= 1:
            raise ValueError('an objective of 100% or more leaves no error budget: write less, like "99.9%"')
        if target <= 0:
            raise ValueError('an objective of 0% promises nothing: write more than 0% and less than 100%, like "99.9%"')
        return cls((1 - target).numerator, (1 - target).denominator)

    @property
    def allowed(self) -> Fraction:
        """B, the share of events that may be bad."""
        return Fraction(self.num, self.den)

    @property
    def target(self) -> Fraction:
        return 1 - self.allowed

    @property
    def text(self) -> str:
        """The exact percentage without the percent sign: ``99.9``."""
        percent, places = 100 * self.target, 0
        while (percent * 10**places).denominator != 1:
            places += 1
            if places > 18:
                return f"{float(percent):.12g}"
        digits = f"{int(percent * 10**places):0{places + 1}d}"
        return f"{digits[:-places]}.{digits[-places:]}" if places else digits

    def __str__(self) -> str:
        return f"{self.text}%"


def parse_objective(text: str) -> Objective:
    """``99.9`` or ``99.9%``. Raises ValueError; its text says how to write it."""
    match = _PERCENT.fullmatch(text.strip())
    if match is None:
        raise ValueError(f'{text[:40]!r} is not an objective: write a percentage, like "99.9%"')
    places = match[2] or ""
    return Objective.of(Fraction(int(match[1] + places), 10 ** (len(places) + 2)))
