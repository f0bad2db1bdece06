"""What can be wrong with the store, each as one sentence for a person that says what to do."""

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
        "the store {where} is damaged ({detail}); restore a backup, or the board moves the damaged file aside "
        "and creates a new store"
    )


class StoreTampered(StoreCorrupt):
    sentence = (
        "the journal in {where} failed verification ({detail}); nothing more is written to it: the board keeps "
        "it aside as evidence and creates a new one"
    )


class StoreForeign(StoreError):
    sentence = "{where} is the database of another program ({detail}); use a separate folder with --state"


class StoreNewer(StoreError):
    sentence = (
        "the store {where} was written by a newer artisan-tui and is open read-only; update this artisan-tui to write"
    )


class StoreOlder(StoreError):
    sentence = "the store {where} was written by an older artisan-tui; start once without --read-only to upgrade it"


class StoreNotOurs(StoreError):
    sentence = (
        "the tables of {where} must be made or upgraded, which this account may not do ({detail}); let their owner run "
        "`artisan-tui audit rebuild` once"
    )


class StoreLocked(StoreError):
    sentence = (
        "another program has locked the store {where}; stop it (find it with: fuser -v {where}), artisan-tui then "
        "retries"
    )


class StoreBusy(StoreLocked):
    sentence = (
        "the store {where} is damaged or missing and another program still has it open; stop that program (find "
        "it with: fuser -v {where}), a new store is created then"
    )


class StoreFull(StoreError):
    sentence = "no disk space left for the store {where}; free some space on that disk"


class StoreReadOnly(StoreError):
    sentence = (
        "the store {where} cannot be written ({detail}); check its permissions or use another folder with --state"
    )


class StoreMissing(StoreError):
    sentence = "there is no store at {where} ({detail})"


class StoreMoved(StoreError):
    sentence = (
        "the store {where} was moved or deleted while in use; nothing more is written to it: restore it now, or "
        "a new store is created"
    )


class StoreUnsafe(StoreError):
    sentence = "the store at {where} is not safe to use: {detail}"


class StoreRemote(StoreError):
    sentence = (
        "{where} is on a network file system ({detail}), where SQLite loses data; use a folder on a local disk "
        "with --state, or a PostgreSQL database"
    )


class StoreDisk(StoreError):
    sentence = "the disk of the store {where} reports an error ({detail}); check dmesg and the disk"


class StoreUnreachable(StoreError):
    sentence = (
        "the store {where} does not respond ({detail}); check that the database is running and that this account may "
        "log in"
    )


class StoreUncertain(StoreUnreachable):
    sentence = (
        "the store {where} broke off while this was being written ({detail}): whether it was written is not known; "
        "look before you repeat it"
    )


class LeaseLost(StoreError):
    """Not a fault: another session is the leader now, and what this one still had to write is no longer wanted."""

    sentence = "another session is now the leader for {where}"
