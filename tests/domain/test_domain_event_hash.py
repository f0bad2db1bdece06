"""The text that an event is hashed over: a JSON list, whatever stands in the row."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from artisan_tui.domain.event import GENESIS, chain_hash

TEXTS = st.text(st.characters(exclude_categories=()), max_size=20)
#: What a tampered row may hold where a text or a number belongs.
ANYTHING = st.one_of(TEXTS, st.integers(), st.none(), st.booleans(), st.sampled_from(["null", "1", "true"]))


def listed(fields: tuple[Any, ...]) -> str:
    text = json.dumps(list(fields), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@given(st.tuples(TEXTS, st.integers(1), *[TEXTS] * 6, st.none() | st.integers(1)))
def test_an_event_is_hashed_as_a_json_list_of_its_fields(fields: Any) -> None:
    assert chain_hash(*fields) == listed(fields)


@given(st.tuples(*[ANYTHING] * 9))
def test_a_tampered_row_is_hashed_as_what_it_holds(fields: Any) -> None:
    assert chain_hash(*fields) == listed(fields)


def test_a_text_that_looks_like_a_number_is_not_hashed_as_that_number() -> None:
    rest: Any = (GENESIS, 2, "", "", "", "", "", "{}")
    assert len({chain_hash(*rest, each) for each in (None, "null", 1, "1", True)}) == 5
