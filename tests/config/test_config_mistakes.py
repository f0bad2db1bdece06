"""Every mistake names file, line, key and the mend."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.config_stubs import SLO, SOUND, problems

MEASURE = '[[service.check]]\nid = "queue"\nkind = "measure"\n'

# (text added after line 8, line, key, what it says, how to mend it)
BAD: list[tuple[str, int, str, str, str]] = [
    ('every = "thirty"', 9, "service.check.every", "'thirty' is not a duration", "30s"),
    ("every = 30", 9, "service.check.every", "text with a unit, not 30", '"30s"'),
    ('every = "0s"', 9, "service.check.every", "too short", "more than 0s"),
    ('every = "9999d"', 9, "service.check.every", "too long", "at most 366d"),
    (f'every = "{"9" * 5000}s"', 9, "service.check.every", "not a duration", "30s"),
    ('intervall = "30s"', 9, "service.check.intervall", "did you mean `every`?", "write every"),
    ('interval = "30s"', 9, "service.check.interval", "did you mean `every`?", "write every"),
    ('address = "x"', 9, "service.check.address", "did you mean `url`?", "write url"),
    ("retries = 3", 9, "service.check.retries", "did you mean `fall`?", "write fall"),
    ('timout = "3s"', 9, "service.check.timout", "did you mean `timeout`?", "write timeout"),
    ("Fall = 3", 9, "service.check.Fall", "did you mean `fall`?", "write fall"),
    ("zzz = 3", 9, "service.check.zzz", "unknown key `zzz`", "allowed keys: id, kind,"),
    ('database = "sqlite://"', 9, "service.check.database", "unknown key", "top of the file"),
    ("fall = 0", 9, "service.check.fall", "must be at least 1", "write a greater number"),
    ("fall = true", 9, "service.check.fall", "must be a whole number, not true", "digits"),
    ('fall = "3"', 9, "service.check.fall", "must be a whole number, not '3'", "without quotes"),
    ("name = 7", 9, "service.check.name", "must be text, not 7", "quotes"),
    ('expect = "status == 200"', 9, "service.check.expect", "must be a list", "[ ]"),
    (
        'expect = [\n  "status == 200",\n  "statu == 1",\n]',
        11,
        "service.check.expect",
        "unknown subject 'statu'",
        "status",
    ),
    ('expect = ["status"]', 9, "service.check.expect", "not a condition", "SUBJECT OP LITERAL"),
    ("expect = [200]", 9, "service.check.expect", "a condition must be text", "quotes"),
    (r"""expect = ['body ~ (?=a)b']""", 9, "service.check.expect", "no look-ahead", "two conditions"),
    (r"""expect = ['body ~ (a)\1']""", 9, "service.check.expect", "no back-references", "the repeated text"),
    (r"""degraded = ['header.x ~ a++']""", 9, "service.check.degraded", "one repetition follows", "write one"),
    ("""expect = ["body.a[?b=='c' == 1"]""", 9, "service.check.expect", "']' is missing", "close what is opened"),
    ("expect = ['body.a[?b==] == 1']", 9, "service.check.expect", "not a JMESPath", "dots"),
    ("expect = ['body.cpu-load < 1']", 9, "service.check.expect", "not a JMESPath", 'quotes: "cpu-load"'),
    ("expect = ['body.상태 == 정상']", 9, "service.check.expect", "not a JMESPath", 'quotes: "상태"'),
    ("expect = ['status = 200']", 9, "service.check.expect", "not a condition", "write == to compare"),
    ('headers = { "X-City" = "서울" }', 9, "service.check.headers.X-City", "HTTP does not carry", "%EC%84%9C"),
    ('headers = { "X-Name" = "José" }', 9, "service.check.headers.X-Name", "HTTP does not carry", "ASCII"),
    ('required = "yes"', 9, "service.check.required", "true or false", "without quotes"),
    ('expect = ["body ~ ["]', 9, "service.check.expect", "not a regular expression", "correct the pattern"),
    ('expect = ["body ~ a{99999999999999}"]', 9, "service.check.expect", "too large", "simpler"),
    ('expect = ["status < ok"]', 9, "service.check.expect", "'<' compares numbers", "== or !="),
    ('expect = ["latency < 5"]', 9, "service.check.expect", "not a duration", "500ms"),
    ('expect = ["tls.hours > 1"]', 9, "service.check.expect", "unknown subject", "tls.days"),
    (f'expect = ["body == {"x" * 2000}"]', 9, "service.check.expect", "too long", "at most"),
    ('expect = ["value > 3"]', 9, "service.check.expect", "kind 'http' has no 'value'", "body.PATH, header.NAME"),
    ('degraded = ["exit == 0"]', 9, "service.check.degraded", "has no 'exit'", "use one of body, body.PATH"),
    ('expect = ["body.a..b == 1"]', 9, "service.check.expect", "not a JMESPath", "dots"),
    ('expect = ["body.[[[ == 1"]', 9, "service.check.expect", "not a JMESPath", "dots"),
    ('every = "10s"\ntimeout = "20s"', 10, "service.check.timeout", "longer than the 10s", 'timeout = "10s"'),
    ('every = "2s"', 9, "service.check.every", "timeout 5s is longer than the 2s", 'timeout = "2s"'),
    (
        '[[service.check]]\nid = "health"\nkind = "tcp"\nhost = "h"\nport = 1',
        10,
        "service.check.id",
        "line 6",
        "another id",
    ),
    ('[[service]]\nid = "api"', 10, "service.id", "already used on line 4", "another id"),
    ('[[service]]\nid = "b"', 9, "service", "never probed", "[[service.check]]"),
    ('[[service]]\nid = "Büro 7"', 10, "service.id", "'Büro 7' is not an id", "small letters"),
    (
        '[[service.check]]\nid = "b"\nkind = "htp"',
        11,
        "service.check.kind",
        "unknown kind 'htp'",
        "did you mean 'http'?",
    ),
    (
        '[[service.check]]\nid = "b"\nkind = "snmp"',
        11,
        "service.check.kind",
        "unknown kind 'snmp'",
        "http, measure, promql, tcp",
    ),
    ('[[service.check]]\nid = "b"\nkind = 5', 11, "service.check.kind", "unknown kind '5'", "kinds are http"),
    ('[[service.check]]\nid = "b"', 9, "service.check", "needs a kind", "kinds are http"),
    ('[[service.check]]\nkind = "tcp"\nport = 1\nhost = "h"', 9, "service.check.id", "`id` is missing", "add id"),
    (
        '[[service.check]]\nid = "b"\nkind = "tcp"\nport = "x"\nhost = "h"',
        12,
        "service.check.port",
        "whole number",
        "digits",
    ),
    (
        '[[service.check]]\nid = "b"\nkind = "http"\nurl = "ftp://h"',
        12,
        "service.check.url",
        "not an http URL",
        "http://",
    ),
    (
        '[[service.check]]\nid = "b"\nkind = "http"\nurl = "h:80/x"',
        12,
        "service.check.url",
        "'h:80/x'",
        '"http://h:80/x"',
    ),
    (
        '[[service.check]]\nid = "b"\nkind = "http"\nurl = "http://"',
        12,
        "service.check.url",
        "names no host",
        "http://",
    ),
    (
        '[[service.check]]\nid = "b"\nkind = "http"\nurl = "http://h:x/"',
        12,
        "service.check.url",
        "not a URL",
        "http://",
    ),
    ('[[service.check]]\nid = "b"\nkind = "http"\nurl = "http://[h/"', 12, "service.check.url", "not a URL", "http://"),
    ("[artisan]\ntimezone = 'Asia/Soul'", 10, "artisan.timezone", "not a timezone", "did you mean 'Asia/Seoul'?"),
    ("[artisan]\ntimezone = 'KST'", 10, "artisan.timezone", "not a timezone", "did you mean 'Asia/Seoul'?"),
    ("[artisan]\ntimezone = 'seoul'", 10, "artisan.timezone", "not a timezone", "did you mean 'Asia/Seoul'?"),
    ("[artisan]\ntimezone = '../../etc/passwd'", 10, "artisan.timezone", "not a timezone", "IANA"),
    ("[artisan]\ntimezone = 'Asia'", 10, "artisan.timezone", "not a timezone", ""),
    (
        "[artisan]\nenvironment = 'prod'",
        10,
        "artisan.environment",
        "'prod' is not an allowed",
        "did you mean 'production'?",
    ),
    ("[artisan]\nlanguage = 'de'", 10, "artisan.language", "'de' is not an allowed", "en, ko"),
    ("[artisan]\nlang = 'ko'", 10, "artisan.lang", "did you mean `language`?", "write language"),
    ("artisan = 5", 9, "service.check.artisan", "unknown key", "top of the file"),
    ("[alerts]\nalertmanger = 'http://h'", 10, "alerts.alertmanger", "did you mean `alertmanager`?", "alertmanager"),
    ("[keys]\nack = ''", 10, "keys.ack", "not a key's name", '"f5"'),
    ("[keys]\n'A B' = 'x'", 10, "keys.A B", "not a binding's id", "small letters"),
    (MEASURE, 9, "service.check.measure", "`measure` is missing", "add measure"),
    (MEASURE + "measure = 5", 12, "service.check.measure", "a measure must be a table", "{ value = … }"),
    (MEASURE + "measure = {}", 12, "service.check.measure", "must say what to read", "{ value = … }"),
    (MEASURE + "measure = { rate = 'a', value = 'b' }", 12, "service.check.measure", "has value and rate", "keep one"),
    (
        MEASURE + "measure = { ratoi = 'a', of = 'b' }",
        12,
        "service.check.measure.ratoi",
        "did you mean `ratio`?",
        "ratio",
    ),
    (MEASURE + "measure = { ratio = 'a' }", 12, "service.check.measure.of", "`of` is missing", "add of"),
    (
        MEASURE + "measure = { rate = 'a', windw = '5m' }",
        12,
        "service.check.measure.windw",
        "did you mean `window`?",
        "window",
    ),
    (
        MEASURE + "measure = { rate = 'a', agg = 'max' }",
        12,
        "service.check.measure.agg",
        "unknown key `agg`",
        "rate, window",
    ),
    (
        MEASURE + "measure = { value = 'a', agg = 'mean' }",
        12,
        "service.check.measure.agg",
        "'mean'",
        "max, min, sum, avg",
    ),
    (
        MEASURE + "measure = { value = 'a{' }",
        12,
        "service.check.measure.value",
        "not an instant selector",
        "nothing or",
    ),
    (MEASURE + "measure = { value = '5' }", 12, "service.check.measure.value", "not a selector", "metric name"),
    (MEASURE + "measure = { value = 'a{b=~\"(?=x)\"}' }", 12, "service.check.measure.value", "no look-ahead", "write"),
    (MEASURE + "measure = { value = 'a{b=~\"[\"}' }", 12, "service.check.measure.value", "not a regular", "pattern"),
    (MEASURE + "measure = { value = 5 }", 12, "service.check.measure.value", "a selector is text", "metric's name"),
    (
        MEASURE + "measure = { quantile = 95, histogram = 'h' }",
        12,
        "service.check.measure.quantile",
        "95 is not between",
        "0.95",
    ),
    (
        MEASURE + "measure = { quantile = nan, histogram = 'h' }",
        12,
        "service.check.measure.quantile",
        "not between",
        "0.95",
    ),
    (
        MEASURE + "measure = { quantile = '1', histogram = 'h' }",
        12,
        "service.check.measure.quantile",
        "is a number",
        "0.95",
    ),
    (MEASURE + "measure = { promql = '' }", 12, "service.check.measure.promql", "a query is text", "PromQL"),
    (
        MEASURE + "measure = { promql = 'up' }",
        12,
        "service.check.measure.promql",
        "only a Prometheus",
        "add prometheus",
    ),
    (
        '[[service.check]]\nid = "q"\nkind = "promql"\nquery = "up"',
        11,
        "service.check.kind",
        "only a Prometheus",
        "prometheus",
    ),
    (SLO, 9, "slo.sli", "`sli` is missing", "add sli"),
    (SLO + "sli = 3", 13, "slo.sli", "an sli must be a table", "events, latency, slices, checks"),
    (SLO + "sli = { kind = 'event' }", 13, "slo.sli.kind", "unknown kind 'event'", "did you mean 'events'?"),
    (SLO + "sli = { total = 'a' }", 13, "slo.sli", "needs a kind", "events, latency"),
    (SLO + "sli = { kind = 'events', total = 'a' }", 13, "slo.sli", "exactly one of `bad` and `good`", "keep"),
    (SLO + "sli = { kind = 'events', total = 'a', bad = 'b', good = 'c' }", 13, "slo.sli", "exactly one", "keep"),
    (SLO + "sli = { kind = 'checks', checks = [] }", 13, "slo.sli.checks", "list is empty", "add what is missing"),
    (
        SLO + "sli = { kind = 'checks', checks = ['api.helth'] }",
        13,
        "slo.sli.checks",
        "no check 'api.helth'",
        "'api.health'",
    ),
    (SLO + "sli = { kind = 'checks', checks = ['q'] }", 13, "slo.sli.checks", "no check 'q'", "service.check"),
    (
        SLO + "sli = { kind = 'latency', histogram = 'h', treshold = '1s' }",
        13,
        "slo.sli.treshold",
        "`threshold`?",
        "threshold",
    ),
    (
        SLO + "sli = { kind = 'slices', measure = { value = 'a' }, good = 'status == 1' }",
        13,
        "slo.sli.good",
        "must use value, not 'status'",
        "value > 10.0",
    ),
    (
        SLO + "sli = { kind = 'slices', measure = { promql = 'a' }, good = 'value > 1' }",
        13,
        "slo.sli.measure.promql",
        "only a Prometheus",
        "add prometheus",
    ),
    (SLO.replace("99%", "100%"), 11, "slo.objective", "leaves no error budget", "99.9%"),
    (SLO.replace('"99%"', "0.99"), 11, "slo.objective", "per cent sign", "99.9%"),
    (SLO.replace("99%", "0%"), 11, "slo.objective", "per cent sign", "99.9%"),
    (SLO.replace("7d", "1h"), 12, "slo.window", "number of days", "30d"),
    (SLO.replace("7d", "999d"), 12, "slo.window", "number of days", "30d"),
    (SLO.replace("objective", "target"), 11, "slo.target", "did you mean `objective`?", "objective"),
]


@pytest.mark.parametrize(("added", "line", "key", "what", "mend"), BAD, ids=[f"{b[2]}-{i}" for i, b in enumerate(BAD)])
def test_a_mistake_names_line_key_and_mend(
    tmp_path: Path, added: str, line: int, key: str, what: str, mend: str
) -> None:
    found = problems(tmp_path, SOUND + added)
    hits = [p for p in found if p.key == key and what in p.what]
    assert hits, [str(p) for p in found]
    assert hits[0].line == line
    assert mend in hits[0].mend
    assert hits[0].file == str(tmp_path / "artisan.toml")
    assert all(p.mend for p in found)


TOP: list[tuple[str, int | None, str, str, str]] = [
    ("services = []\n" + SOUND, 1, "services", "did you mean `service`?", "write service"),
    ('path = "x"\n' + SOUND, 1, "path", "unknown key `path`", "allowed keys"),
    ('digest = "x"\n' + SOUND, 1, "digest", "unknown key `digest`", "allowed keys"),
    ("theme = 'neon'\n" + SOUND, 1, "theme", "'neon' is not an allowed", "auto, dark, light, ansi"),
    ("runbooks = 'a.toml'\n" + SOUND, 1, "runbooks", "must be a list", "[ ]"),
    ("runbooks = ['']\n" + SOUND, 1, "runbooks", "not a path", "path of a file"),
    ("artisan = 3\n" + SOUND, 1, "artisan", "must be a table, not 3", "[header]"),
    ("database = 'mysql://h/d'\n" + SOUND, 1, "database", "SQLite or PostgreSQL", "sqlite:"),
    ("[service]\nid = 'a'\n", 1, "service", "list of tables", "[[service]] with two brackets"),
    (SOUND.replace("http://127.0.0.1:8000/metrics", "h"), 2, "metrics.scrape", "'h' is not an http URL", "http://h"),
    (SOUND.replace("scrape = [", "scrap = ["), 2, "metrics.scrap", "did you mean `scrape`?", "write scrape"),
    (SOUND.replace("[metrics]", "[metrics]\ntimeout='1m'"), 2, "metrics.timeout", "longer than the 15s", '"15s"'),
    (SOUND.replace('scrape = ["http://127.0.0.1:8000/metrics"]', ""), 1, "metrics", "no backend", "scrape"),
    (
        SOUND.replace("[metrics]", "[metrics]\nusername='u'"),
        2,
        "metrics.username",
        "without a password",
        "add password",
    ),
    (
        SOUND.replace("[metrics]", "[metrics]\nusername='u'\npassword='env:P'\nbearer_token='env:T'"),
        4,
        "metrics.bearer_token",
        "two ways to log in",
        "keep",
    ),
    ("name = 3", 1, "name", "unknown key `name`", "allowed keys"),
    ("[artisan]\n", None, "", "no [[service]] is configured", "config init"),
    ("service = []\n", None, "", "no [[service]] is configured", "config init"),
    (
        "[[service]]\nid='a'\n" + MEASURE + "measure={value='a'}",
        5,
        "service.check.kind",
        "there is no [metrics]",
        "add [metrics]",
    ),
]


@pytest.mark.parametrize(("text", "line", "key", "what", "mend"), TOP)
def test_a_mistake_anywhere_else(tmp_path: Path, text: str, line: int | None, key: str, what: str, mend: str) -> None:
    found = problems(tmp_path, text)
    hits = [p for p in found if p.key == key and what in p.what]
    assert hits, [str(p) for p in found]
    assert hits[0].line == line
    assert mend in hits[0].mend
