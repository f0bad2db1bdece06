"""``[[notify]]``: the channels through which people are paged and told. A table's keys depend on its ``kind``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationInfo,
    model_validator,
)

from artisan_tui.config.address import NotAHost, lookup_name
from artisan_tui.config.base import Frozen, Id, MadePathText, PathText
from artisan_tui.config.certificates import CaFile
from artisan_tui.config.choice import Choice
from artisan_tui.config.problems import Mistake
from artisan_tui.config.raw import Finding, LineOf, Table, duplicates, tables
from artisan_tui.config.secret_fields import SecretRef
from artisan_tui.config.suggest import closest
from artisan_tui.config.url import HttpUrl

_SERVER = re.compile(r"(?P<host>\[[0-9A-Fa-f:.%a-z]+\]|[^:\s\[\]/@]+)(?::(?P<port>\d{1,5}))?")
_SERVER_MEND = 'write "mail.example.com" or "mail.example.com:587"'
_ADDRESS = re.compile(r"[^\s@<>(),;:\"\\\[\]]+@[^\s@<>(),;:\"\\\[\]]+")
#: Named as CONTRACT's levels; other names of a severity come to these.
_LEVELS = ("Sev1", "Sev2", "Sev3", "Sev4")
_OTHER_LEVELS = {
    **{f"p{number}": f"Sev{number + 1}" for number in range(4)},
    **dict(zip(("critical", "high", "medium", "low"), _LEVELS, strict=True)),
}


def _level(value: object) -> str:
    if not isinstance(value, str):
        raise Mistake("a level is text", f"write one of {', '.join(_LEVELS)}")
    word = value.strip().lower()
    found = next((level for level in _LEVELS if level.lower() == word), None) or _OTHER_LEVELS.get(word)
    if found is None:
        near = closest(value, [*_LEVELS, *_OTHER_LEVELS])
        hint = f"did you mean {near!r}? " if near else ""
        raise Mistake(f"{value[:40]!r} is not a severity", f"{hint}write one of {', '.join(_LEVELS)}")
    return found


def _address(value: str) -> str:
    if len(value) > 254 or not value.isprintable() or not _ADDRESS.fullmatch(value):
        raise Mistake(f"{value[:60]!r} is not an address of mail", 'write it like "oncall@example.com"')
    return value


def _server(value: str) -> str:
    match = _SERVER.fullmatch(value)
    try:
        if match is None or not 0 < int(match["port"] or 1) < 65536:
            raise NotAHost(f"{value[:60]!r} is not a mail server")
        lookup_name(match["host"])
    except NotAHost as error:
        raise Mistake(str(error), _SERVER_MEND) from None
    return value


def _argument(value: str) -> str:
    if "\0" in value:
        raise Mistake("an argument cannot hold a NUL character", "take it out")
    return value


Level = Annotated[Literal["Sev1", "Sev2", "Sev3", "Sev4"], BeforeValidator(_level)]
MailAddress = Annotated[str, AfterValidator(_address)]
Argument = Annotated[str, Field(min_length=1, max_length=4000), AfterValidator(_argument)]
Role = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[A-Za-z0-9][A-Za-z0-9 _.-]*$")]


class Channel(Frozen):
    """What every ``[[notify]]`` has."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    #: Keys of this kind that hold a reference to a secret.
    SECRETS: ClassVar[tuple[str, ...]] = ()

    id: Annotated[Id, Field(description="Named by `notify test ID` and in the journal")]
    levels: Annotated[
        tuple[Level, ...], Field(description="Severities that are sent here, default: all", max_length=4)
    ] = ()
    roles: Annotated[
        tuple[Role, ...],
        Field(description="Roles that are told here, like L1 or commander; default: all", max_length=20),
    ] = ()
    fallback: Annotated[bool, Field(strict=True, description="Used only when every other channel of a page failed")] = (
        False
    )


class SlackChannel(Channel):
    """An incoming webhook of Slack."""

    SECRETS = ("url",)
    kind: Annotated[Literal["slack"], Field(description="Kind of channel")] = "slack"
    url: Annotated[SecretRef, Field(description="The webhook; whoever has its URL can post, so it is a reference")]


class PagerDutyChannel(Channel):
    """A service of PagerDuty, by the Events API v2."""

    SECRETS = ("routing_key",)
    kind: Annotated[Literal["pagerduty"], Field(description="Kind of channel")] = "pagerduty"
    routing_key: Annotated[SecretRef, Field(description="Integration key of the service")]
    url: Annotated[HttpUrl, Field(description="Events API; https://events.eu.pagerduty.com for accounts in the EU")] = (
        "https://events.pagerduty.com"
    )


class EmailChannel(Channel):
    """Mail through a server."""

    SECRETS = ("password",)
    kind: Annotated[Literal["email"], Field(description="Kind of channel")] = "email"
    server: Annotated[
        str, Field(max_length=300, description="Mail server; port 587, or 465 with tls"), AfterValidator(_server)
    ]
    sender: Annotated[MailAddress, Field(alias="from", description="Address of the sender")]
    to: Annotated[
        tuple[MailAddress, ...], Field(description="Who gets every mail, besides the people told", max_length=50)
    ] = ()
    user: Annotated[str | None, Field(min_length=1, max_length=200, description="Login at the server")] = None
    password: Annotated[SecretRef | None, Field(description="Password of user")] = None
    starttls: Annotated[
        bool, Field(strict=True, description="Encrypt by STARTTLS; nothing is sent to a server without it")
    ] = True
    tls: Annotated[bool, Field(strict=True, description="Encrypt from the first byte, instead of starttls")] = False
    ca_file: CaFile = None

    @model_validator(mode="after")
    def _safe(self) -> EmailChannel:
        if (self.user is None) != (self.password is None):
            missing = "password" if self.password is None else "user"
            mend = 'add password = "env:NAME"' if missing == "password" else 'add user = "…"'
            raise Mistake(f"`user` and `password` go together, and `{missing}` is missing", mend)
        if self.user is not None and not self.encrypted:
            what = "the password would cross the network readable for everybody"
            raise Mistake(what, "remove starttls = false, or write tls = true", ("starttls",))
        return self

    @property
    def encrypted(self) -> bool:
        return self.tls or self.starttls

    @property
    def place(self) -> tuple[str, int]:
        """(host, port)"""
        match = _SERVER.fullmatch(self.server)
        assert match is not None
        usual = 465 if self.tls else 587 if self.starttls else 25
        return lookup_name(match["host"]), int(match["port"] or usual)


class WebhookChannel(Channel):
    """A program of yours that takes versioned JSON over HTTP."""

    SECRETS = ("url", "secret")
    kind: Annotated[Literal["webhook"], Field(description="Kind of channel")] = "webhook"
    url: Annotated[SecretRef, Field(description="Where it is posted to")]
    secret: Annotated[
        SecretRef | None, Field(description="Signs time and body (HMAC-SHA256), so that the receiver can verify them")
    ] = None
    ca_file: CaFile = None


class CommandChannel(Channel):
    """A program of yours that gets JSON on its standard input. Never a shell."""

    kind: Annotated[Literal["command"], Field(description="Kind of channel")] = "command"
    run: Annotated[tuple[Argument, ...], Field(min_length=1, max_length=50, description="Program and its arguments")]
    folder: Annotated[PathText | None, Field(description="Where it runs, default: the folder of this file")] = None


class TerminalChannel(Channel):
    """The terminal of every open board: its bell, and a notification of the terminal itself."""

    kind: Annotated[Literal["terminal"], Field(description="Kind of channel")] = "terminal"
    bell: Annotated[bool, Field(strict=True, description="Ring the bell")] = True
    osc: Annotated[
        Literal["9", "777", "none"],
        Field(
            description="Escape sequence of the notification: 9 (iTerm2, kitty, Windows Terminal), 777 (urxvt, foot)"
        ),
    ] = "9"


class FileChannel(Channel):
    """A file of this machine that gets a line of JSON for each message. It wakes nobody by itself."""

    kind: Annotated[Literal["file"], Field(description="Kind of channel")] = "file"
    path: Annotated[MadePathText, Field(description="The file; made when it is not there, and only added to")]


AnyChannel = (
    SlackChannel | PagerDutyChannel | EmailChannel | WebhookChannel | CommandChannel | TerminalChannel | FileChannel
)
CHANNEL_KINDS: Mapping[str, type[AnyChannel]] = {
    "slack": SlackChannel,
    "pagerduty": PagerDutyChannel,
    "email": EmailChannel,
    "webhook": WebhookChannel,
    "command": CommandChannel,
    "terminal": TerminalChannel,
    "file": FileChannel,
}


def channel_model(raw: object, _kinds: object = None) -> type[AnyChannel] | None:
    kind = raw.get("kind") if isinstance(raw, Mapping) else None
    return CHANNEL_KINDS.get(kind) if isinstance(kind, str) else None


def _channel(raw: object, info: ValidationInfo) -> AnyChannel:
    if isinstance(raw, Channel):
        return raw  # type: ignore[return-value]  # no other class derives from it
    kinds = ", ".join(CHANNEL_KINDS)
    if not isinstance(raw, Mapping):
        raise Mistake("a channel is a table", "write [[notify]] and its keys below")
    model = channel_model(raw)
    if model is None:
        if "kind" not in raw:
            raise Mistake("a channel needs a kind", f'add kind = "…"; kinds are {kinds}')
        near = closest(str(raw["kind"]), CHANNEL_KINDS)
        hint = f"did you mean {near!r}? " if near else ""
        raise Mistake(f"unknown kind {str(raw['kind'])[:40]!r}", f"{hint}kinds are {kinds}", ("kind",))
    return model.model_validate(raw, context=info.context, by_alias=True, by_name=False)


class _Schema:
    def __get_pydantic_json_schema__(self, _core: Any, handler: Any) -> dict[str, Any]:
        branches = []
        for name, model in CHANNEL_KINDS.items():
            branch = handler(model.__pydantic_core_schema__)
            branches.append(branch)
            found = handler.resolve_ref_schema(branch)
            found["required"] = sorted({"kind", *found.get("required", [])})
            found["properties"]["kind"] = {"enum": [name], "description": "Kind of channel"}
        return {"oneOf": branches}


ChannelField = Annotated[
    AnyChannel,
    BeforeValidator(_channel),
    PlainSerializer(lambda channel: channel.model_dump(by_alias=True), return_type=dict[str, Any]),
    Choice(channel_model),
    _Schema(),
]


def notify_findings(document: Table, line_of: LineOf) -> Iterator[Finding]:
    """Every id once; and a mail channel with nobody to write to."""
    channels = tables(document, (), "notify")
    yield from duplicates(channels, line_of)
    people = bool(tables(document, (), "person"))
    for at, channel in channels:
        if channel.get("kind") == "email" and not channel.get("to") and not people:
            yield (
                at,
                "this channel has nobody to write to",
                'add to = ["oncall@example.com"], or [[person]] with contacts = { email = "…" }',
            )
