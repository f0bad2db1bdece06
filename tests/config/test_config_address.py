"""One place where an address is normalised: the same place is the same text, however it is written."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from artisan_tui.config.address import NotAHost, lookup_name, place, verified_name
from artisan_tui.config.url import HttpUrl, joined
from artisan_tui.sources.checks import KINDS

URL = TypeAdapter(HttpUrl)


@pytest.mark.parametrize(
    ("written", "looked_up", "verified"),
    [
        ("localhost", "localhost", "localhost"),
        ("LocalHost.", "localhost", "localhost"),
        ("DB.Internal.", "db.internal.", "db.internal"),
        ("서울.kr", "xn--2i4bq6h.kr", "xn--2i4bq6h.kr"),
        ("straße.de", "xn--strae-oqa.de", "xn--strae-oqa.de"),  # as httpx reads it; the standard library would not
        ("ＡＢＣ.kr", "abc.kr", "abc.kr"),
        ("XN--2I4BQ6H.kr", "xn--2i4bq6h.kr", "xn--2i4bq6h.kr"),
        ("my_db", "my_db", "my_db"),
        ("127.1", "127.0.0.1", "127.0.0.1"),
        ("0x7f.0.0.1", "127.0.0.1", "127.0.0.1"),
        ("2130706433", "127.0.0.1", "127.0.0.1"),
        ("127.0.0.1.", "127.0.0.1", "127.0.0.1"),
        ("0:0:0:0:0:0:0:1", "::1", "::1"),
        ("[2001:DB8::A]", "2001:db8::a", "2001:db8::a"),
        ("fe80::1%eth0", "fe80::1%eth0", "fe80::1"),
        ("FE80::1%25Eth0", "fe80::1%Eth0", "fe80::1"),
        ("fe80::1%25", "fe80::1%25", "fe80::1"),  # the zone with the number 25
    ],
)
def test_a9_three_forms_of_a_host(written: str, looked_up: str, verified: str) -> None:
    assert (lookup_name(written), verified_name(written)) == (looked_up, verified)
    assert lookup_name(looked_up) == looked_up
    port = place(written, 80)
    assert port == (f"[{looked_up}]:80" if ":" in looked_up else f"{looked_up.removesuffix('.')}:80")


@pytest.mark.parametrize("written", ["", ".", "a..b", "256.1.1.1", "::g", "a" * 64, "-\u200b-", "a." * 130 + "a"])
def test_a9_no_host(written: str) -> None:
    with pytest.raises(NotAHost):
        lookup_name(written)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("HTTPS://LocalHost:8443/Path?Q=A#part", "https://localhost:8443/Path?Q=A"),
        ("http://[FE80::1%25Eth0]:80/", "http://[fe80::1%25Eth0]:80/"),
        ("http://서울.KR/가", "http://서울.kr/가"),
        ("https://localhost.", "https://localhost."),
    ],
)
def test_a9_a_url_keeps_what_means_something(written: str, kept: str) -> None:
    assert URL.validate_python(written) == kept
    assert URL.validate_python(kept) == kept


@pytest.mark.parametrize(
    "written",
    ["http://x:0/", "http://[::g]/", "http://a..b/", "http://u:p@x/", "http://:80/", "http://300.1.1.1/", "HTTP:/x"],
)
def test_a9_no_url(written: str) -> None:
    with pytest.raises((ValidationError, ValueError)):
        URL.validate_python(written)


@pytest.mark.parametrize(
    ("base", "url"),
    [
        ("http://p:9090", "http://p:9090/api/v1/query"),
        ("http://p:9090/", "http://p:9090/api/v1/query"),
        ("http://p/prometheus/", "http://p/prometheus/api/v1/query"),
        (
            "http://p:8481/select/0/prometheus?extra_label=env=prod",
            "http://p:8481/select/0/prometheus/api/v1/query?extra_label=env=prod",
        ),
    ],
)
def test_a9_a_path_below_a_base(base: str, url: str) -> None:
    assert joined(base, "/api/v1/query") == url


def endpoint(kind: str, **keys: object) -> str:
    return KINDS[kind].spec.model_validate({"id": "x", "kind": kind, **keys}).endpoint


def test_a9_every_kind_knows_the_same_place() -> None:
    """Two checks of one place are one endpoint, by which a network failure of our own is told from an outage."""
    here = {
        endpoint("http", url="HTTPS://LOCALHOST./health"),
        endpoint("http", url="https://localhost:443"),
        endpoint("tcp", address="LocalHost:443"),
        endpoint("tcp", host="localhost.", port=443),
        endpoint("redis", url="REDISS://localhost.:443/0"),
        endpoint("redis", address="localhost:443"),
        endpoint("postgres", url="PostgreSQL://u@LOCALHOST.:443/d"),
        endpoint("docker", container="x", host="TCP://localhost.:443"),
    }
    assert here == {"localhost:443"}
    six = {
        endpoint("http", url="http://[0:0:0:0:0:0:0:1]/"),
        endpoint("tcp", address="[::1]:80"),
        endpoint("tcp", host="0::1", port=80),
        endpoint("redis", url="redis://[::0001]:80"),
        endpoint("docker", container="x", host="tcp://[0::1]:80"),
    }
    assert six == {"[::1]:80"}
    names = {endpoint("http", url="http://서울.kr/"), endpoint("tcp", address="xn--2i4bq6h.KR:80")}
    assert names == {"xn--2i4bq6h.kr:80"}


@pytest.mark.parametrize(
    ("kind", "keys"),
    [
        ("tcp", {"address": "a..b:80"}),
        ("tcp", {"address": "[::g]:80"}),
        ("tcp", {"host": "300.1.1.1", "port": 80}),
        ("redis", {"url": "redis://localhost:0"}),
        ("redis", {"address": "a..b:80"}),
        ("postgres", {"url": "postgresql://u@localhost:0/d"}),
        ("docker", {"container": "x", "host": "tcp://300.1.1.1:80"}),
        ("http", {"url": "http://localhost:0/"}),
    ],
)
def test_a9_what_is_no_place_is_refused_when_it_is_read(kind: str, keys: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match=r"host|address|port"):
        endpoint(kind, **keys)
