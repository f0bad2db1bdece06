"""`[[notify]]`: six kinds of channels, secrets by reference only, and a mend for every mistake."""

from __future__ import annotations

from pathlib import Path

import pytest

from artisan_tui.config.load import load
from artisan_tui.config.notify import EmailChannel, PagerDutyChannel, SlackChannel
from artisan_tui.config.secret import Secret
from config.config_stubs import KINDS, SOUND, problems

MAIL = '[[notify]]\nid = "mail"\nkind = "email"\nserver = "mail.example.com"\nfrom = "a@example.com"\n'
BAD = [
    ('id = "a"\nkind = "slak"', "notify.kind", "unknown kind 'slak'", "did you mean 'slack'?"),
    ('id = "a"', "notify", "a channel needs a kind", "kinds are slack, pagerduty"),
    ('id = "a"\nkind = "slack"', "notify.url", "`url` is missing", "add url"),
    ('id = "a"\nkind = "slack"\nurl = "https://hooks.slack.com/services/T/B/x"', "notify.url", "literal", "env:NAME"),
    ('id = "a"\nkind = "pagerduty"\nrouting_key = "0123456789abcdef"', "notify.routing_key", "literal", "env:NAME"),
    ('id = "a"\nkind = "slack"\nurl = "env:A"\nlevels = ["Sev9"]', "notify.levels", "is not a severity", "Sev1"),
    ('id = "a"\nkind = "slack"\nurl = "env:A"\nlevel = ["Sev1"]', "notify.level", "did you mean `levels`?", "levels"),
    ('id = "a"\nkind = "command"\nrun = "tell"', "notify.run", "must be a list", "[ ]"),
    ('id = "a"\nkind = "command"\nrun = []', "notify.run", "this list is empty", "add what is missing"),
    ('id = "a"\nkind = "terminal"\nosc = "8"', "notify.osc", "not an allowed value", "777"),
    ('id = "a"\nkind = "terminal"\nfallback = "yes"', "notify.fallback", "true or false", "without quotes"),
    (
        'id = "a"\nkind = "email"\nserver = "m:99999"\nfrom = "a@example.com"\nto = ["b@example.com"]',
        "notify.server",
        "is not a mail server",
        "mail.example.com:587",
    ),
    (
        'id = "a"\nkind = "email"\nserver = "m"\nfrom = "a@example.com"\nto = ["x\\r\\nBcc: e@x"]',
        "notify.to",
        "not an address",
        "oncall@example.com",
    ),
    ('id = "a"\nkind = "email"\nserver = "m"\nfrom = "a@example.com"', "notify", "nobody to write to", "add to"),
    (
        'id = "a"\nkind = "email"\nserver = "m"\nfrom = "a@example.com"\nto = ["b@example.com"]\nuser = "a"',
        "notify",
        "`password` is missing",
        "env:NAME",
    ),
    (
        (
            'id = "a"\nkind = "email"\nserver = "m"\nfrom = "a@example.com"\nto = ["b@example.com"]\nuser = "a"\n'
            'password = "env:P"\nstarttls = false'
        ),
        "notify.starttls",
        "readable for everybody",
        "tls = true",
    ),
]


@pytest.mark.parametrize(("text", "key", "what", "mend"), BAD)
def test_a_mistake_names_its_key_and_the_mend(tmp_path: Path, text: str, key: str, what: str, mend: str) -> None:
    found = problems(tmp_path, SOUND + "\n[[notify]]\n" + text + "\n")
    assert [(each.key, what in each.what, mend in each.mend) for each in found] == [(key, True, True)], found
    assert found[0].line is not None
    assert "0123456789abcdef" not in str(found[0])
    assert "hooks.slack.com" not in str(found[0])


def test_an_id_is_used_once(tmp_path: Path) -> None:
    one = '[[notify]]\nid = "ops"\nkind = "terminal"\n'
    (found,) = problems(tmp_path, SOUND + one + one)
    assert "already used on line" in found.what


def test_what_a_channel_holds(tmp_path: Path) -> None:
    path = tmp_path / "artisan.toml"
    slack = '[[notify]]\nid = "ops"\nkind = "slack"\nurl = "env:HOOK"\nlevels = ["P0", "high"]\nroles = ["L1"]\n'
    duty = '[[notify]]\nid = "pd"\nkind = "pagerduty"\nrouting_key = "file:key"\nfallback = true\n'
    path.write_text(SOUND + slack + duty + MAIL + 'to = ["b@example.com"]\ntls = true\n', "utf-8")
    ops, pd, mail = load(path, KINDS).channels
    assert isinstance(ops, SlackChannel)
    assert (ops.url, ops.levels, ops.roles, ops.fallback) == (Secret("env", "HOOK"), ("Sev1", "Sev2"), ("L1",), False)
    assert isinstance(pd, PagerDutyChannel)
    assert (pd.fallback, pd.routing_key) == (True, Secret("file", str(tmp_path / "key")))
    assert isinstance(mail, EmailChannel)
    assert (mail.place, mail.sender) == (("mail.example.com", 465), "a@example.com")
