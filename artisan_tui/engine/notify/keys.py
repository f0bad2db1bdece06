"""Secrets of channels, and which of them an incident began with.

PagerDuty drops, without a word, an acknowledgement that comes with another routing key than its trigger. The journal
names the key that was used by its reference and a digest of its value; the value itself stays in the process. After a
restart the reference must still lead to it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from artisan_tui.config.secret import Secret, SecretMissing

if TYPE_CHECKING:
    from artisan_tui.config.models import Config
    from artisan_tui.config.notify import AnyChannel


class KeyRing:
    """The values that this process has used, by digest. ``environ`` is where references to variables lead."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._values: dict[str, str] = {}

    def label(self, channel: AnyChannel, begun_with: str) -> str:
        """What the journal says of the key that is used now, "" for a channel without. ``begun_with`` see `reveal`."""
        if channel.kind != "pagerduty":
            return ""
        try:
            return begun_with if begun_with else self._labelled(channel.routing_key)
        except SecretMissing:
            return ""

    def reveal(self, channel: AnyChannel, begun_with: str = "") -> Callable[[str], str]:
        """A function from the key of a secret to its value. It raises SecretMissing.

        ``begun_with`` is the label of the key that the incident began with, "" for none.
        """

        def value(name: str) -> str:
            if name == "routing_key" and begun_with:
                return self._old(channel, begun_with)
            secret = getattr(channel, name)
            if not isinstance(secret, Secret):
                raise SecretMissing(f"`{name}` is not set")
            found = secret.reveal(self._environ)
            if name == "routing_key":
                self._values[_digest(found)] = found
            return found

        return value

    def _labelled(self, secret: Secret) -> str:
        found = secret.reveal(self._environ)
        self._values[_digest(found)] = found
        return f"{secret} {_digest(found)}"

    def _old(self, channel: AnyChannel, label: str) -> str:
        reference, _, digest = label.rpartition(" ")
        if digest in self._values:
            return self._values[digest]
        source, _, place = reference.partition(":")
        candidates = [Secret("env" if source == "env" else "file", place)]
        if channel.kind == "pagerduty":
            candidates.append(channel.routing_key)
        for each in candidates:
            try:
                found = each.reveal(self._environ)
            except SecretMissing:
                continue
            if _digest(found) == digest:
                self._values[digest] = found
                return found
        raise SecretMissing(
            f"the routing key that this incident began with is gone from {reference}: acknowledge or resolve it in PagerDuty"
        )


def _digest(value: str) -> str:
    """Enough to tell keys apart. A routing key has 128 random bits, so its digest leads nobody back to it."""
    return hashlib.sha256(b"artisan-tui routing key\0" + value.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def missing_secrets(config: Config, environ: Mapping[str, str]) -> Mapping[str, str]:
    """By channel id, why a secret of it cannot be read or is no URL. Never its value.

    Whatever can be read is hidden from now on, before anything is sent.
    """
    from artisan_tui.steps.notify.http import read_url

    found: dict[str, str] = {}
    keys = KeyRing(environ)
    for channel in config.channels:
        reveal = keys.reveal(channel)
        for name in channel.SECRETS:
            if getattr(channel, name) is None:
                continue
            try:
                value = reveal(name)
                if name == "url":
                    read_url(value, name)
            except SecretMissing as missing:
                found.setdefault(channel.id, str(missing))
    return found
