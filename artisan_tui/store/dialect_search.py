"""The index of words in the dialects of the databases: FTS5 on SQLite, tsvector with GIN on PostgreSQL.

Both answer in a time that does not grow with how often a word occurs. SQLite keeps every beginning of a word as a word,
and so walks along one list, the newest first, for each part of a query. PostgreSQL has no such order: there, every word
carries the number of a block of events, and a query asks for one block after the other, the newest first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import Connection, text

from artisan_tui.domain.search_tokens import LONGEST

#: Events of one block.
BLOCK: Final = 8192
#: FTS5 keeps beginnings of at most 31 lengths.
_LENGTHS = " ".join(str(length) for length in range(1, LONGEST + 1))

#: SQLite's table keeps only which word is in which event.
SEARCH: Final[Mapping[str, Sequence[str]]] = {
    "sqlite": (
        (
            "CREATE VIRTUAL TABLE search_word USING fts5(words, content='', columnsize=0, detail=none, "
            f"tokenize='unicode61 remove_diacritics 0', prefix='{_LENGTHS}')"
        ),
    ),
    "postgresql": (
        "CREATE TABLE search_word (seq BIGINT PRIMARY KEY, words TSVECTOR NOT NULL)",
        # What is not in order yet would be read again for every block.
        "CREATE INDEX search_word_words ON search_word USING gin (words) WITH (fastupdate = off)",
    ),
}


def search_add(connection: Connection, rows: Sequence[tuple[int, Sequence[str]]]) -> None:
    """Index these events: (seq, words of letters and digits)."""
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        query = "INSERT INTO search_word (rowid, words) VALUES (:seq, :words)"
        connection.execute(text(query), [{"seq": seq, "words": " ".join(words)} for seq, words in rows])
        return
    query = "INSERT INTO search_word VALUES (:seq, array_to_tsvector(CAST(:words AS text[]))) ON CONFLICT DO NOTHING"
    values = [{"seq": seq, "words": [_in_block(seq // BLOCK, each) for each in words]} for seq, words in rows]
    connection.execute(text(query), values)


def search_matches(
    connection: Connection, groups: Sequence[Sequence[str]], above: int, before: int, limit: int
) -> list[int]:
    """Seqs, newest first, ``above`` < seq < ``before``, of events that have at least one word of each group.

    A word that ends with ``*`` stands for every one that begins so. At most ``limit``; fewer only when there are no more.
    """
    if connection.dialect.name == "sqlite":
        query = (
            "SELECT rowid FROM search_word WHERE search_word MATCH :asked AND rowid > :above AND rowid < :before "
            "ORDER BY rowid DESC LIMIT :limit"
        )
        asked = " AND ".join(f"({' OR '.join(_sqlite_term(each) for each in group)})" for group in groups)
        values = {"asked": asked, "above": above, "before": before, "limit": limit}
        return [int(row[0]) for row in connection.execute(text(query), values)]
    return _in_blocks(connection, groups, above, before, limit)


def _in_blocks(
    connection: Connection, groups: Sequence[Sequence[str]], above: int, before: int, limit: int
) -> list[int]:
    """Block by block, the newest first, in one statement that ends as soon as it has enough."""
    # Without statistics the planner reads the table from its beginning. The seqs are no condition that an index serves.
    # Its index is a bitmap's, which other reads do without.
    connection.execute(text("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = on"))
    query = text(
        "SELECT found.seq FROM generate_series(CAST(:last AS bigint), CAST(:first AS bigint), -1) AS block, LATERAL ("
        "SELECT seq FROM search_word "
        "WHERE words @@ CAST(replace(:asked, '@', lpad(to_hex(block), 6, '0')) AS tsquery) "
        "AND seq + 0 > :above AND seq + 0 < :before ORDER BY seq DESC) AS found LIMIT :limit"
    )
    asked = " & ".join(f"({' | '.join(_postgresql_term(each) for each in group)})" for group in groups)
    blocks = {"first": (above + 1) // BLOCK, "last": (before - 1) // BLOCK}
    values = {"asked": asked, "above": above, "before": before, "limit": limit, **blocks}
    return [int(row[0]) for row in connection.execute(query, values)]


def _in_block(block: int, word: str) -> str:
    return f"{block:06x}:{word}"


def _sqlite_term(word: str) -> str:
    return f'"{word.removesuffix("*")}"' + "*" * word.endswith("*")


def _postgresql_term(word: str) -> str:
    """``@`` stands for the block."""
    return f"'@:{word.removesuffix('*')}'" + ":*" * word.endswith("*")
