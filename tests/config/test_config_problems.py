"""How problems are told: all of them, in order, each a line that is safe to print."""

from __future__ import annotations

from pathlib import Path

from artisan_tui.config.problems import ConfigError, Problem
from config.config_stubs import MINIMAL, SLO, SOUND, problems, read


def test_an_slo_needs_metrics(tmp_path: Path) -> None:
    text = SOUND.replace('[metrics]\nscrape = ["http://127.0.0.1:8000/metrics"]\n', "") + SLO
    (found,) = problems(tmp_path, text + "sli = { kind = 'events', total = 'a', bad = 'b' }")
    assert (found.line, found.key) == (11, "slo.sli")
    assert "there is no [metrics]" in found.what


def test_two_slos_with_one_id(tmp_path: Path) -> None:
    slo = SLO + "sli = { kind = 'checks', checks = ['api.health'] }\n"
    (found,) = problems(tmp_path, SOUND + slo + slo)
    assert (found.line, found.key) == (15, "slo.id")
    assert "line 10" in found.what


def test_all_problems_at_once_in_file_order(tmp_path: Path) -> None:
    text = """\
theme = "neon"
[artisan]
timezone = "Mars"
[[service]]
id = "a"
[[service.check]]
id = "x"
kind = "http"
url = "nowhere"
every = "soon"
expect = ["status ==", "value > 1"]
[[service.check]]
id = "x"
kind = "measure"
measure = { rate = "r", windoww = "5m", window = "x" }
[[service]]
id = "a"
[[slo]]
id = "s"
objective = "100%"
window = "7d"
sli = { kind = "checks", checks = ["a.y"] }
"""
    found = problems(tmp_path, text)
    lines = [p.line or 0 for p in found]
    assert lines == sorted(lines)
    assert {1, 3, 9, 10, 11, 13, 14, 15, 16, 17, 20, 22} <= set(lines)
    # One mistake in a check does not hide another.
    assert any("has no 'value'" in p.what for p in found)
    assert len(str(ConfigError(found)).splitlines()) == len(found)


def test_a_problem_reads_as_one_line(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, SOUND + 'every = "thirty"')
    assert str(found) == (
        f"{tmp_path}/artisan.toml:9: service.check.every: 'thirty' is not a duration"
        " — write a number and a unit, like 500ms, 30s, 5m, 6h or 7d"
    )


def test_control_characters_never_reach_the_message(tmp_path: Path) -> None:
    nasty = r"\u001b[31mred\u0007\u202e"
    text = SOUND + f'every = "{nasty}"\n"{nasty}" = 1\nexpect = ["{nasty} == 1", "body.{nasty} == 1"]\n'
    text += (
        f'[[service.check]]\nid = "{nasty}"\nkind = "{nasty}"\n[artisan]\ntimezone = "{nasty}"\nlanguage = "{nasty}"\n'
    )
    found = problems(tmp_path, text)
    assert len(found) >= 6
    for problem in found:
        assert str(problem).isprintable()
    assert Problem("a\x1b[2Jb\nc", 1, "k\x07", "w\x9b", "m\x00").file == "ab c"


def test_the_shortest_sound_file(tmp_path: Path) -> None:
    config = read(tmp_path, SOUND)
    assert [name for name, _, _ in config.checks()] == ["api.health"]
    assert problems(tmp_path, MINIMAL)[0].what == "`url` is missing"


def test_a_service_without_an_id_is_suggested_to_nobody(tmp_path: Path) -> None:
    for id_ in ("", 'id = ""'):
        text = f'[[service]]\n{id_}\n[[service.check]]\nid = "health"\nkind = "command"\nrun = ["true"]\n' + SLO
        found = [str(each) for each in problems(tmp_path, text + "sli = { kind = 'checks', checks = ['api.health'] }")]
        assert any("service.id" in each for each in found)
        assert any("there is no check 'api.health'" in each for each in found)
        assert not any("did you mean" in each for each in found), found


def test_an_empty_ladder_is_one_problem(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, SOUND + '[escalation]\nladder = []\nlevels = { L2 = ["group:x"] }\n')
    assert (found.key, "empty" in found.what) == ("escalation.ladder", True)
