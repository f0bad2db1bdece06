"""Patterns of people and files: linear time, the dialect of Prometheus, and refused in words."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest

from artisan_tui.domain.condition import examine, parse_condition
from artisan_tui.domain.probe_result import MISSING, ProbeResult
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.selector import parse_selector


def holds(text: str, **answers: object) -> bool:
    return examine(parse_condition(text), ProbeResult(answers=answers), lambda _path, _document: MISSING).ok


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"^(\w+\s?)+$", "a" * 50 + "!"),
        (r"(x+x+)+y", "x" * 60),
        (r"^(a|aa)+$", "a" * 60 + "b"),
        (r"(.*a){20}$", "a" * 60 + "b"),
        (r"^(([a-z])+.)+[A-Z]([a-z])+$", "a" * 60),
        (r"(\d+)*[^\d]z", "1" * 60),
        (r"^(\w+\s?)+$", "a" * 1_000_000 + "!"),
    ],
)
def test_a2_a_pattern_ends_whatever_the_text(pattern: str, text: str) -> None:
    began = time.process_time()
    assert not holds(f"body ~ {pattern}", body=text)
    assert not holds(f"stdout ~ {pattern}", stdout=text)
    assert not holds(f"header.x ~ {pattern}", header={"x": text})
    selector = parse_selector(f"m{{path=~`{pattern}`}}")
    assert not selector.matches("m", {"path": text})
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    ("matcher", "value", "hit"),
    [
        ('status=~"5[[:digit:]]{2}"', "503", True),
        ('status=~"5[[:digit:]]{2}"', "200", False),
        ('status!~"5[[:digit:]]{2}"', "503", False),
        ('status=~"5.."', "1503", False),
        ('status=~"5..|4.."', "404", True),
        ('status=~"5..|4.."', "4040", False),
        ('status=~"(?i)ERROR"', "error", True),
        ('status=~"\\\\pL+"', "서울", True),
        ('status=~"\\\\pL+"', "Seoul1", False),
        ('status=~"[^[:space:]]+"', "a b", False),
        ('status=~"a.b"', "a\nb", True),
        ('status=~"(?P<code>5)\\\\d\\\\d"', "500", True),
        ("status=~`5\\d\\d`", "500", True),
        ("status=~`\\Qa.b\\E`", "a.b", True),
        ("status=~`\\Qa.b\\E`", "axb", False),
        ("status=~``", "", True),
        ("status=~`\\d`", "٣", False),
    ],
)
def test_a2_selectors_match_as_in_prometheus(matcher: str, value: str, hit: bool) -> None:
    assert parse_selector(f"m{{{matcher}}}").matches("m", {"status": value}) is hit


@pytest.mark.parametrize(
    ("pattern", "what", "mend"),
    [
        ("[", "missing ]", ""),
        ("(", "missing )", ""),
        ("(?=a)b", "look-ahead", "two conditions"),
        ("(?!a)b", "look-ahead", "instead"),
        ("(?<!a)b", "look-behind", "instead"),
        (r"(a)\1", "back-references", "itself"),
        ("(?P<n>a)(?P=n)", "back-references", "itself"),
        ("(?>a)b", "atomic", "(?:"),
        ("a++", "follows another", "group"),
        ("*a", "no argument", ""),
        ("a{1001}", "more than 1000", "simpler"),
        ("a{99999999999999}", "more than 1000", "simpler"),
        ("a{2,99999999999999}", "more than 1000", "simpler"),
        ("(?:[a-z]?){999}" * 12, "too large", "simpler"),
        (r"ok\Z", r"\Z", r"\z"),
    ],
)
def test_a2_what_re2_lacks_is_refused_when_it_is_read(pattern: str, what: str, mend: str) -> None:
    for read, text in ((parse_condition, f"body ~ {pattern}"), (parse_selector, f"m{{a=~`{pattern}`}}")):
        with pytest.raises(ValueError, match="not a regular expression") as raised:
            read(text)
        assert what in str(raised.value)
        assert mend in str(raised.value)


def test_a2_a_refused_pattern_writes_nothing_beside_the_error(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="regular expression"):
        parse_condition("body ~ (?=a)")
    assert capfd.readouterr() == ("", "")


def test_a2_a_match_at_the_end_of_a_large_body_is_found() -> None:
    assert holds("body ~ [0-9]{3} jobs done$", body="x" * 900_000 + "512 jobs done")


def test_a2_text_that_is_too_long_for_a_large_pattern_is_not_judged() -> None:
    result = examine(
        parse_condition("body ~ (?:[a-z ]?){900}!"),
        ProbeResult(answers={"body": "x" * 900_000}),
        lambda _p, _d: MISSING,
    )
    assert (result.ok, result.reason) == (False, Reason.TOO_LARGE)
    assert "900000 characters" in result.actual


def test_a2_any_text_can_be_searched() -> None:
    assert holds("body ~ a.b", body="a\ud800b")
    assert holds("body ~ ^\\x{ac00}$", body="가")
    assert holds("value ~ ^87", value=Decimal("87.5"))
