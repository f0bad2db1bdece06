"""A literal secret is refused and appears nowhere; a reference reveals at the last moment."""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest

from artisan_tui.config.load import load
from artisan_tui.config.problems import ConfigError
from artisan_tui.config.secret import Secret, SecretMissing, reveal_headers
from config.config_stubs import KINDS, SOUND, problems, read, write

LITERAL = "hunter2-s3cr3t"

PLACES = [
    f'bearer_token = "{LITERAL}"',
    f'bearer_token = "enw:{LITERAL}"',
    f'bearer_token = "env:{LITERAL}!"',
    f'bearer_token = ["{LITERAL}"]',
    f'headers = {{ Authorization = "Bearer {LITERAL}" }}',
    f'headers = {{ "X-Api-Key" = "{LITERAL}" }}',
    f'headers = {{ "X-Tenant" = ["{LITERAL}"] }}',
    f'password = "{LITERAL}"',  # no such key in this kind
    f'[[service.check]]\nid = "b"\nkind = "http"\nurl = "http://user:{LITERAL}@host/"',
    f'[[service.check]]\nid = "b"\nkind = "http"\nurl = "user:{LITERAL}@host"',
    f'[[service.check]]\nid = "b"\nkind = "http"\nurl = "http://user:{LITERAL}@[host"',
    f'[alerts]\nalertmanager = "https://u:{LITERAL}@h"',
]


@pytest.mark.parametrize("added", PLACES)
def test_a_literal_secret_is_refused_and_not_repeated(tmp_path: Path, added: str) -> None:
    path = write(tmp_path, SOUND + added)
    with pytest.raises(ConfigError) as caught:
        load(path, KINDS)
    shown = str(caught.value) + repr(caught.value) + repr(caught.value.problems)
    shown += "".join(traceback.format_exception(caught.value))
    assert LITERAL not in shown
    assert caught.value.problems[0].mend
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    "url", [f"postgresql://u:{LITERAL}@h/d", f"postgresql+psycopg://h/d?user=u&password={LITERAL}"]
)
def test_a_password_in_the_database_url(tmp_path: Path, url: str) -> None:
    (found,) = problems(tmp_path, f'database = "{url}"\n' + SOUND)
    assert (found.line, found.key) == (1, "database")
    assert "env:ARTISAN_DATABASE" in found.mend
    assert LITERAL not in str(found)


def test_references_are_read(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("abc\n")
    text = 'database = "env:DB"\n' + SOUND.replace(
        "[metrics]", '[metrics]\nbearer_token = "file:token"\nheaders = { "X-Scope-OrgID" = "a", Cookie = "env:C" }'
    )
    config = read(tmp_path, text)
    assert config.metrics is not None
    assert config.metrics.bearer_token is not None
    assert config.metrics.bearer_token.reveal({}) == "abc"
    assert str(config.metrics.bearer_token) == f"file:{token}"
    assert config.database == Secret("env", "DB")
    assert reveal_headers(config.metrics.headers, {"C": "x"}) == {"X-Scope-OrgID": "a", "Cookie": "x"}
    assert "abc" not in repr(config)
    assert "abc" not in config.model_dump_json()


@pytest.mark.parametrize("header", ["Bad Name", "a:b", "é", ""])
def test_a_header_needs_a_name(tmp_path: Path, header: str) -> None:
    (found,) = problems(tmp_path, SOUND + f'headers = {{ "{header}" = "x" }}')
    assert found.line == 9
    assert "not a header's name" in found.what


def test_a_header_is_one_line(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, SOUND + 'headers = { "X-A" = "a\\r\\nX-B: c" }')
    assert found.key == "service.check.headers.X-A"
    assert "one printable line" in found.what


def test_what_cannot_be_revealed_says_which_and_why(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "binary").write_bytes(b"\xff\xfe" + LITERAL.encode())
    (tmp_path / "large").write_bytes(b"x" * 100_000)
    cases = [
        (Secret("env", "NOPE"), "NOPE is not set"),
        (Secret("file", str(tmp_path / "none")), "No such file"),
        (Secret("file", str(tmp_path)), "Is a directory"),
        (Secret("file", str(tmp_path / "empty")), "is empty"),
        (Secret("file", str(tmp_path / "binary")), "not UTF-8"),
        (Secret("file", str(tmp_path / "large")), "too large"),
    ]
    for secret, sentence in cases:
        with pytest.raises(SecretMissing, match=sentence) as caught:
            secret.reveal({"NOPE": ""})
        assert LITERAL not in "".join(traceback.format_exception(caught.value))
        assert caught.value.__context__ is None or LITERAL not in repr(caught.value.__context__)
