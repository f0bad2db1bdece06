"""Heads kept elsewhere, held against the chain."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from artisan_tui.domain.event import GENESIS, Entry, StoredRow, canonical, seal, stamp
from artisan_tui.domain.heads import Head, KeptHeads, Strayed, head_of, heads_in

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def chain(*texts: str) -> list[StoredRow]:
    rows, head = [], GENESIS
    for seq, text in enumerate(texts, 1):
        event = seal(Entry(NOW, "alice", "note", "", {"text": text}), seq, NOW, head)
        head = event.hash
        at = stamp(NOW)
        rows.append(StoredRow(seq, at, at, "alice", "note", "", canonical(event.body), None, event.prev_hash, head))
    return rows


def strayed(rows: list[StoredRow], heads: list[Head]) -> Strayed | None:
    kept = KeptHeads(heads)
    assert list(kept.passing(rows)) == rows
    return kept.strayed(whole=True)


TRUE, FALSE = chain("a", "b", "c", "d", "e"), chain("a", "b", "X", "d", "e")


def kept(rows: list[StoredRow], *seqs: int) -> list[Head]:
    return [Head(seq, rows[seq - 1].hash if seq else GENESIS) for seq in seqs]


@pytest.mark.parametrize("seqs", [(), (0,), (5,), (1, 2, 3, 4, 5), (5, 1), (3, 3)])
def test_f5_heads_of_this_chain_agree(seqs: tuple[int, ...]) -> None:
    assert strayed(TRUE, kept(TRUE, *seqs)) is None


@pytest.mark.parametrize(
    ("seqs", "after", "at"),
    [((5,), 0, 5), ((2, 5), 2, 5), ((1, 2, 3, 4, 5), 2, 3), ((5, 4, 1), 1, 4), ((0, 3), 0, 3)],
)
def test_f5_a_chain_hashed_anew_is_named_as_near_as_the_heads_tell(seqs: tuple[int, ...], after: int, at: int) -> None:
    assert strayed(FALSE, kept(TRUE, *seqs)) == Strayed(after, kept(TRUE, at)[0], missing=False)


def test_f5_a_chain_that_was_cut_short_misses_its_head() -> None:
    assert strayed(TRUE[:3], kept(TRUE, 2, 5)) == Strayed(2, kept(TRUE, 5)[0], missing=True)
    assert strayed([], kept(TRUE, 1)) == Strayed(0, kept(TRUE, 1)[0], missing=True)


def test_f5_heads_are_read_from_lines_and_a_wrong_line_is_named() -> None:
    head = kept(TRUE, 4)[0]
    assert list(heads_in(["# heads\n", "\n", f"2026-11-21T09:00:00Z {head}\n", str(head).upper()])) == [head, head]
    for wrong in ("4", "4:abc", f"-1:{head.digest}", f"04:{head.digest}", f"4:{head.digest}0", "x\x1b[31m"):
        with pytest.raises(ValueError, match="line 2: not a head"):
            list(heads_in([str(head), wrong]))
    with pytest.raises(ValueError, match="not a head"):
        head_of("")
