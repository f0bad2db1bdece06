"""Which channels a notice takes; which key an incident keeps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from artisan_tui.config.models import Config
from artisan_tui.config.secret import SecretMissing
from artisan_tui.domain.event import Entry
from artisan_tui.domain.notify.events import NotifyQueued
from artisan_tui.domain.notify.notice import PURPOSES, Notice
from artisan_tui.engine.notify.keys import KeyRing, missing_secrets
from artisan_tui.engine.notify.routing import route
from artisan_tui.engine.settings import read
from support.messages import AT, after
from support.notify_engine import KEY, TEXT, notice, pagerduty, slack, webhook

MAIL = '[[notify]]\nid = "mail"\nkind = "email"\nserver = "m"\nfrom = "a@example.com"\nto = ["team@example.com"]\n'
BELL = '[[notify]]\nid = "bell"\nkind = "terminal"\n'
URL = "http://127.0.0.1:1"


def configured(folder: Path, channels: str) -> Config:
    path = folder / "artisan.toml"
    people = "".join(
        f'[[person]]\nid = "{name}"\ncontacts = {{ email = "{name}@example.com" }}\n' for name in ("alice", "bob")
    )
    path.write_text(TEXT.format(environment="staging") + channels + people, "utf-8")
    return read(path)


def went(config: Config, what: Notice) -> dict[str, NotifyQueued]:
    """By channel and person."""
    entries = [each for each in route(config, what, AT, "j.park") if each.kind == NotifyQueued.KIND]
    bodies = [NotifyQueued.read(each) for each in entries]
    assert len({each.id for each in bodies}) == len(bodies)
    return {f"{each.channel}/{each.person}": each for each in bodies}


def dropped(config: Config, what: Notice) -> list[Entry]:
    return [each for each in route(config, what, AT, "j.park") if each.kind == "notify.dropped"]


def test_one_message_for_each_channel_and_for_each_person_of_mail(tmp_path: Path) -> None:
    config = configured(tmp_path, slack() + pagerduty(URL) + MAIL + BELL + webhook(fallback="true"))
    found = went(config, notice(to=("alice", "bob", "nobody")))
    assert set(found) == {"ops/", "pd/", "mail/", "mail/alice", "mail/bob", "bell/"}
    assert found["ops/"].to == ("alice", "bob", "nobody")
    assert found["mail/bob"].to == ("bob",)
    assert len({each.page for each in found.values()}) == 1
    assert {each.fallback for each in found.values()} == {0}


@pytest.mark.parametrize("purpose", PURPOSES)
def test_what_each_kind_carries(tmp_path: Path, purpose: str) -> None:
    config = configured(tmp_path, slack() + pagerduty(URL) + webhook() + BELL)
    took = {name.rstrip("/") for name in went(config, notice(purpose))}
    assert ("pd" in took) is (purpose in ("page", "acknowledged", "resolved", "change"))
    assert ("ops" in took) is (purpose not in ("change", "test"))
    assert ("own" in took) is (purpose != "test")
    assert ("bell" in took) is (purpose in ("page", "inform", "reminder"))


def test_levels_and_roles(tmp_path: Path) -> None:
    channels = slack(levels='["Sev1"]') + pagerduty(URL, roles='["L1"]') + webhook(levels='["Sev1", "Sev2"]')
    config = configured(tmp_path, channels)
    assert set(went(config, notice(severity="Sev1", roles=("L1",)))) == {"ops/", "pd/", "own/"}
    assert set(went(config, notice(severity="Sev2", roles=("L2",)))) == {"own/"}
    assert set(went(config, notice(severity="Sev2"))) == {"pd/", "own/"}
    assert set(went(config, notice("update", severity="", roles=("L2",)))) == {"ops/", "own/"}


def test_a_page_that_no_channel_takes_goes_to_the_fallback_or_says_so(tmp_path: Path) -> None:
    config = configured(tmp_path, slack(levels='["Sev1"]') + BELL + webhook(fallback="true"))
    found = went(config, notice(severity="Sev3"))
    assert {name: each.fallback for name, each in found.items()} == {"bell/": 0, "own/": 1}
    assert went(config, notice("update", severity="Sev3")) == {}
    bare = configured(tmp_path, slack(levels='["Sev1"]') + BELL)
    (entry,) = dropped(bare, notice(severity="Sev3"))
    assert (entry.subject, entry.body["why"]) == ("INC-1", "no channel takes a page of Sev3")
    assert dropped(bare, notice("update", severity="Sev3")) == []
    assert len(dropped(configured(tmp_path, ""), notice())) == 1


def test_the_same_rung_asked_for_twice_is_the_same_message(tmp_path: Path) -> None:
    config = configured(tmp_path, slack())

    def name(at: float, **changes: Any) -> str:
        (entry,) = route(config, notice(**{"title": "t", **changes}), after(at), "j.park")
        return NotifyQueued.read(entry).id

    assert name(0, dedup="rung 2") == name(9, dedup="rung 2", title="other")
    assert name(0, dedup="rung 2") != name(0, dedup="rung 3")
    assert name(0) != name(1)
    assert name(0) != name(0, incident="INC-2")


def test_a_notice_of_an_unknown_purpose_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="no purpose"):
        Notice("shout", "INC-1", "Sev1", "", "")


def test_inc_case_27_the_key_that_an_incident_began_with(tmp_path: Path) -> None:
    (channel,) = configured(tmp_path, pagerduty(URL)).channels
    environ = {"PD": KEY}
    keys = KeyRing(environ)
    began = keys.label(channel, "")
    assert began.startswith("env:PD ")
    assert KEY not in began
    environ["PD"] = "f" * 32
    assert keys.label(channel, began) == began
    assert keys.reveal(channel, began)("routing_key") == KEY
    assert keys.reveal(channel)("routing_key") == "f" * 32
    # Another process: only where a reference still leads to it.
    with pytest.raises(SecretMissing, match="resolve it in PagerDuty"):
        KeyRing({"PD": "f" * 32}).reveal(channel, began)("routing_key")
    assert KeyRing({"PD": KEY}).reveal(channel, began.replace("env:PD ", "env:MOVED "))("routing_key") == KEY


def test_inc_case_35_secrets_that_are_missing_or_no_url_are_named_by_channel(tmp_path: Path) -> None:
    config = configured(tmp_path, slack() + pagerduty(URL) + webhook(secret='"env:S"'))
    found = missing_secrets(config, {"SLACK": "no url but a secret", "PD": KEY, "HOOK": "http://h/x"})
    assert found == {"ops": "`url` does not hold an http URL", "own": "the environment variable S is not set"}
