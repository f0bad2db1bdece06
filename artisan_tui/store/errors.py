"""What can be wrong with the store, each as one sentence for a person, with the mend."""

from __future__ import annotations

from typing import ClassVar, Self

from artisan_tui.domain.text.printable import printable


class StoreError(Exception):
    """The message is a sentence for a person and says what to do."""

    sentence: ClassVar[str] = "the store {where} cannot be used: {detail}"
    detail: str = ""

    @classmethod
    def of(cls, where: object, detail: str = "") -> Self:
        """This error about the store at ``where``; ``detail`` is what the system or the database said."""
        # A driver quotes file names and passwords as they are.
        said = printable(detail, 500)
        error = cls(cls.sentence.format(where=printable(str(where), 500), detail=said))
        error.detail = said
        return error


class StoreCorrupt(StoreError):
    sentence = (
        "the store {where} is damaged ({detail}); put back a backup, or the board moves it aside, whole, "
        "and begins a new one"
    )


class StoreTampered(StoreCorrupt):
    sentence = (
        "the journal in {where} does not hold ({detail}); nothing is added to it: the board moves it aside as "
        "evidence and begins a new one"
    )


class StoreForeign(StoreError):
    sentence = "{where} is a database of another program ({detail}); give artisan-tui a folder of its own with --state"


class StoreNewer(StoreError):
    sentence = "the store {where} was written by a newer artisan-tui and is only read; update this one to write"


class StoreOlder(StoreError):
    sentence = "the store {where} was written by an older artisan-tui; start once without --read-only to bring it up"


class StoreLocked(StoreError):
    sentence = "another program holds the store {where} locked; end it (try: fuser -v {where}) and it is tried again"


class StoreBusy(StoreLocked):
    sentence = (
        "the store {where} is damaged or gone and another program still has it open; end that "
        "(try: fuser -v {where}), then a new one is begun"
    )


class StoreFull(StoreError):
    sentence = "no space is left for the store {where}; free some space on that disk"


class StoreReadOnly(StoreError):
    sentence = "the store {where} cannot be written ({detail}); check its permissions or give another --state"


class StoreMissing(StoreError):
    sentence = "there is no store at {where} ({detail})"


class StoreMoved(StoreError):
    sentence = (
        "the store {where} was moved or deleted while it was in use; nothing more is written to it: "
        "put it back now, or a new one is begun"
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
