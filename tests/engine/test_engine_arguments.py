"""What a person typed, as a decision receives it; and what has to be confirmed, whichever door a command comes by."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from artisan_tui.cli.app import run
from artisan_tui.engine.access import Role, Session
from artisan_tui.engine.command import Command, CommandRefused, Confirm, Parameter, ParameterType, confirmation
from artisan_tui.engine.commands import COMMANDS, confirmed, decide
from artisan_tui.engine.core import Engine
from artisan_tui.engine.decision import Decision, Present
from artisan_tui.engine.launch import GlobalOptions, Options
from artisan_tui.engine.offline import give
from artisan_tui.engine.settings import read
from artisan_tui.store.place import StorePlace
from artisan_tui.store.store import Store
from support.clock import Hands

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
IDS = {"check": ("api.health", "db.ping"), "service": ("api", "db")}
MISSING = "there is nothing called {id}"
TEXT = """
[artisan]
name = "Shop"
environment = "{environment}"
[[service]]
id = "api"
[[service.check]]
id = "memory"
kind = "memory"
"""


def decision(present: Present, given: Mapping[str, Any]) -> Decision:
    """Gives back what it received."""
    received.append(given["value"])
    return Decision()


received: list[Any] = []


def value_of(parameter: Parameter, text: str) -> Any:
    """What the decision receives for ``text``."""
    command = Command("x.y", "X", "Y", (parameter,), decide=f"{__name__}:decision")
    received.clear()
    decide(command, Present(NOW, "j.park", IDS), {"value": text} if text else {})
    (value,) = received
    return value


def parameter(kind: ParameterType, **keys: Any) -> Parameter:
    return Parameter("value", "Value", kind, required=False, missing=MISSING)._replace(**keys)


CHOICE = parameter(ParameterType.CHOICE, choices=("Low", "high"))
SPAN = parameter(ParameterType.DURATION, longest=86400.0)
ONE, MANY = parameter(ParameterType.ID, of=("check",)), parameter(ParameterType.IDS, of=("service", "check"))


@pytest.mark.parametrize(
    ("asked", "text", "value"),
    [
        (parameter(ParameterType.TEXT), " a \x1b[31mb ", "a b"),
        (parameter(ParameterType.TEXT, max_length=3), "abcdef", "ab…"),
        (SPAN, "30m", 1800.0),
        (SPAN, "24h", 86400.0),
        (SPAN, "1s", 1.0),
        (CHOICE, "LOW", "Low"),
        (CHOICE, "high", "high"),
        (parameter(ParameterType.SEVERITY), "sev2", "Sev2"),
        (parameter(ParameterType.NUMBER), "1.50", Decimal("1.50")),
        (parameter(ParameterType.NUMBER), "-3", Decimal(-3)),
        (ONE, " db.ping ", "db.ping"),
        (MANY, "db, api.health db", ("db", "api.health")),
        (MANY, "*", ()),
    ],
)
def test_what_a_decision_receives(asked: Parameter, text: str, value: object) -> None:
    found = value_of(asked, text)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize("kind", ParameterType)
def test_what_was_left_out_is_none(kind: ParameterType) -> None:
    assert value_of(parameter(kind, of=("check",), choices=("a",), longest=1.0), "") is None


@pytest.mark.parametrize(
    ("asked", "text", "said"),
    [
        (SPAN, "soon", "not a duration"),
        (SPAN, "0s", "more than 0s and at most 1d"),
        (SPAN, "24h1s", "at most 1d"),
        (SPAN, "-1h", "not a duration"),
        (CHOICE, "middle", "one of Low, high"),
        (parameter(ParameterType.SEVERITY), "Sev5", "Sev1 to Sev4, P0 to P3, critical"),
        (parameter(ParameterType.NUMBER), "many", "many is not a number"),
        (parameter(ParameterType.NUMBER), "NaN", "not a number"),
        (parameter(ParameterType.NUMBER), "Infinity", "not a number"),
        (ONE, "api", "nothing called api"),
        (ONE, "x\x1b[31m", "nothing called x$"),
        (MANY, "db,nope", "nothing called nope"),
        (MANY, "* db", r"nothing called \*"),
        (MANY, " , ,", "is empty"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(asked: Parameter, text: str, said: str) -> None:
    with pytest.raises(CommandRefused, match=said):
        value_of(asked, text)


@pytest.mark.parametrize("command_id", COMMANDS)
def test_every_parameter_says_what_its_type_needs(command_id: str) -> None:
    for each in COMMANDS[command_id].parameters:
        if each.type in (ParameterType.ID, ParameterType.IDS):
            assert each.of, each.name
            assert "{id}" in each.missing, each.name
        if each.type is ParameterType.DURATION:
            assert each.longest > 0, each.name
        if each.type is ParameterType.CHOICE:
            assert each.choices, each.name


# -- confirming ------------------------------------------------------------------

PLAIN = Command("a.b", "Plain", "")
ASKED = PLAIN._replace(confirm=Confirm.ASK)
TYPED = PLAIN._replace(confirm=Confirm.TYPE)
DANGEROUS = PLAIN._replace(dangerous=True)
NONE, ASK, TYPE = Confirm.NONE, Confirm.ASK, Confirm.TYPE


@pytest.mark.parametrize(
    ("command", "production", "elsewhere"),
    [
        (PLAIN, NONE, NONE),
        (ASKED, ASK, ASK),
        (TYPED, TYPE, TYPE),
        (DANGEROUS, TYPE, ASK),
        (DANGEROUS._replace(confirm=ASK), TYPE, ASK),
        (DANGEROUS._replace(confirm=TYPE), TYPE, TYPE),
    ],
)
def test_what_has_to_be_confirmed_where(command: Command, production: Confirm, elsewhere: Confirm) -> None:
    assert confirmation(command, "production") is production
    assert {confirmation(command, name) for name in ("staging", "drill", "")} == {elsewhere}


@pytest.mark.parametrize(
    ("command", "environment", "given", "passes"),
    [
        (PLAIN, "production", "", True),
        (ASKED, "production", "", False),
        (ASKED, "production", "yes", True),
        (ASKED, "production", "production", True),
        (ASKED, "staging", "no", False),
        (ASKED, "", "", False),
        (DANGEROUS, "production", "", False),
        (DANGEROUS, "production", "yes", False),
        (DANGEROUS, "production", "Production", False),
        (DANGEROUS, "production", " production ", True),
        (DANGEROUS, "staging", "", False),
        (DANGEROUS, "staging", "yes", True),
        (DANGEROUS, "staging", "production", False),
    ],
)
def test_what_confirms(command: Command, environment: str, given: str, passes: bool) -> None:
    if passes:
        confirmed(command, environment, {"confirm": given})
    else:
        with pytest.raises(CommandRefused):
            confirmed(command, environment, {"confirm": given})


OVERRIDE = {"for": "1h", "reason": "rollback"}
#: (environment, what was given, whether it is carried out)
MATRIX = [
    ("production", "", False),
    ("production", "yes", False),
    ("production", "staging", False),
    ("production", "production", True),
    ("staging", "", False),
    ("staging", "yes", True),
    ("staging", "staging", True),
]


def configured(folder: Path, environment: str) -> GlobalOptions:
    (folder / "artisan.toml").write_text(TEXT.format(environment=environment))
    return GlobalOptions(folder / "artisan.toml", folder / "state")


def engine_of(folder: Path, session: Session, environment: str) -> Engine:
    """An engine that has read its configuration and does not run."""
    configured(folder, environment)
    options = Options(folder / "artisan.toml", StorePlace(folder / "state"), session)
    engine = Engine(options, lambda snapshot: None, Hands())
    engine.config = read(folder / "artisan.toml")
    return engine


def written(folder: Path) -> list[str]:
    with Store.open(StorePlace(folder / "state")) as store:
        return [event.kind for event in store.journal.page(9)]


@pytest.mark.parametrize(("environment", "given", "passes"), MATRIX)
async def test_the_running_engine_asks_for_it(tmp_path: Path, environment: str, given: str, passes: bool) -> None:
    engine = engine_of(tmp_path, Session("j.park"), environment)
    reply = await engine.execute("slo.override", {**OVERRIDE, "confirm": given})
    assert reply.ok is passes
    assert bool(engine.writer._entries) is passes


@pytest.mark.parametrize(("environment", "given", "passes"), MATRIX)
def test_the_journal_s_writer_without_an_engine_asks_for_it(
    tmp_path: Path, environment: str, given: str, passes: bool
) -> None:
    options = configured(tmp_path, environment)
    if passes:
        assert "1h" in give(options, "slo.override", {**OVERRIDE, "confirm": given})
    else:
        with pytest.raises(CommandRefused):
            give(options, "slo.override", {**OVERRIDE, "confirm": given})
    assert written(tmp_path) == ["slo.override"] * passes


@pytest.mark.parametrize(
    ("environment", "words", "code"),
    [
        ("production", [], 1),
        ("production", ["--yes"], 1),
        ("production", ["--confirm", "yes"], 1),
        ("production", ["--yes", "--confirm", "production"], 0),
        ("staging", [], 1),
        ("staging", ["--yes"], 0),
        ("staging", ["--confirm", "staging"], 0),
    ],
)
def test_the_command_line_asks_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, environment: str, words: list[str], code: int
) -> None:
    assert command_line(
        tmp_path, monkeypatch, environment, "slo", "override", "--for", "1h", "--reason", "x", *words
    ) == (code)
    assert written(tmp_path) == ["slo.override"] * (code == 0)


def command_line(folder: Path, monkeypatch: pytest.MonkeyPatch, environment: str, *words: str) -> int:
    """The exit code of ``artisan-tui WORDS``."""
    options = configured(folder, environment)
    monkeypatch.setattr(
        sys, "argv", ["artisan-tui", "--config", str(options.config), "--state", str(options.state), *words]
    )
    return run(lambda options: 99)


def test_what_is_not_dangerous_needs_no_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert command_line(tmp_path, monkeypatch, "production", "note", "all is well") == 0
    assert command_line(tmp_path, monkeypatch, "production", "slo", "override", "--end") == 1, "there is none"
    assert written(tmp_path) == ["note"]


async def test_before_the_configuration_is_read_nobody_knows_what_is_dangerous(tmp_path: Path) -> None:
    engine = engine_of(tmp_path, Session("j.park"), "production")
    engine.config = None
    reply = await engine.execute("slo.override", {**OVERRIDE, "confirm": "yes"})
    assert (reply.ok, reply.text) == (False, "still starting: try again in a moment")
    assert not engine.writer._entries


@pytest.mark.parametrize(
    ("session", "said"),
    [
        (Session("s.lee", Role.RESPONDER, read_only=True), "read-only"),
        (Session("s.lee", Role.VIEWER), "needs the role responder"),
    ],
)
async def test_rights_are_decided_by_the_running_engine(tmp_path: Path, session: Session, said: str) -> None:
    engine = engine_of(tmp_path, session, "staging")
    for command_id, arguments in (("journal.note", {"text": "x"}), ("slo.override", {**OVERRIDE, "confirm": "yes"})):
        reply = await engine.execute(command_id, arguments)
        assert not reply.ok
        assert said in reply.text
    assert not engine.writer._entries


def test_rights_are_decided_without_an_engine(tmp_path: Path) -> None:
    options = configured(tmp_path, "staging")._replace(read_only=True)
    with pytest.raises(CommandRefused, match="read-only"):
        give(options, "journal.note", {"text": "x"})
    with pytest.raises(CommandRefused, match="needs a running session"):
        give(configured(tmp_path, "staging"), "config.reload", {})
