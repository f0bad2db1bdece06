"""What can be wrong with the store, each as one sentence for a person, with the mend."""

from __future__ import annotations

from typing import ClassVar, Self


class StoreError(Exception):
    """The message is a sentence for a person and says what to do."""

    sentence: ClassVar[str] = "the store {where} cannot be used: {detail}"

    @classmethod
    def of(cls, where: object, detail: str = "") -> Self:
        """This error about the store at ``where``; ``detail`` is what the system or the database said."""
        return cls(cls.sentence.format(where=where, detail=detail))


class StoreCorrupt(StoreError):
    sentence = (
        "the store {where} is damaged ({detail}); it was left as it is: copy the file and its -wal away for "
        "examination, then move them aside and start again, or put back a backup"
    )


class StoreTampered(StoreCorrupt):
    sentence = (
        "the journal in {where} does not hold ({detail}); nothing was added to it: keep a copy of the file as "
        "evidence, then move it aside and start again"
    )


class StoreForeign(StoreError):
    sentence = "{where} is a database of another program ({detail}); give artisan-tui a folder of its own with --state"


class StoreNewer(StoreError):
    sentence = "the store {where} was written by a newer artisan-tui and is only read; update this one to write"


class StoreOlder(StoreError):
    sentence = "the store {where} was written by an older artisan-tui; start once without --read-only to bring it up"


class StoreLocked(StoreError):
    sentence = "another program holds the store {where} locked; end it (try: fuser -v {where}) and it is tried again"


class StoreFull(StoreError):
    sentence = "no space is left for the store {where}; free some space on that disk"


class StoreReadOnly(StoreError):
    sentence = "the store {where} cannot be written ({detail}); check its permissions or give another --state"


class StoreMissing(StoreError):
    sentence = "there is no store at {where} ({detail})"


class StoreMoved(StoreError):
    sentence = (
        "the store {where} was moved or deleted while it was in use; nothing more is written to it: "
        "put it back or start artisan-tui again"
    )


class StoreUnsafe(StoreError):
    sentence = "the store at {where} is not safe to use: {detail}"


class StoreRemote(StoreError):
    sentence = (
        "{where} is on a network file system ({detail}), where SQLite loses data; give a folder on a local disk "
        "with --state, or a PostgreSQL database"
    )


class StoreDisk(StoreError):
    sentence = "the disk under the store {where} reports an error ({detail}); look at dmesg and at the disk"


class StoreUnreachable(StoreError):
    sentence = "the store {where} does not answer ({detail}); check that the database runs and lets this account in"


class LeaseLost(StoreError):
    """Not a fault: another session polls now, and what this one still had to write is no longer wanted."""

    sentence = "another session polls for {where} now"
