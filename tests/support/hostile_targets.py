"""A small site where everything that can say something says something nasty."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from support.hostile import BYTES, SURROGATES, TEXTS
from support.servers import http_answer
from support.services import config_text

#: Texts that UTF-8 can hold, then raw bytes; a request names one by its place in here.
SAID: list[bytes] = [*(text.encode() for text in TEXTS.values()), *(b"EVIL " + raw for raw in BYTES.values())]
NAMES = [*TEXTS, *BYTES]
#: Where a text of the corpus comes back from, each with the check that hears it.
PLACES = {
    "body": "expect = ['body ~ ^fine$']",
    "json": "expect = ['body.status == healthy']",
    "key": "expect = ['body.fine == fine']",
    "header": "expect = ['header.x-said == fine']",
    "charset": "expect = ['body ~ ^fine$']",
    "reason": "",
    "location": "",
    "age": "freshness = { path = \"checked_at\", within = \"1h\" }",
    "encoding": "",
    "chunk": "",
}  # fmt: skip
#: How a Prometheus says it.
QUERIES = ("error", "warning", "info", "label", "value", "html")
#: What JSON spells, surrogates too.
SPELLED = [*TEXTS.values(), *SURROGATES.values()]


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """``/PLACE/NUMBER``, the Prometheus API, and a page of metrics."""
    head = await reader.readuntil(b"\r\n\r\n")
    method, target, _ = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ", 2)
    url = urlsplit(target)
    if url.path.startswith("/api/v1/"):
        length = re.search(rb"(?i)content-length: (\d+)", head)
        form = (await reader.readexactly(int(length[1]))).decode() if length and method == "POST" else url.query
        writer.write(_prometheus(parse_qs(form).get("query", [""])[0]))
    elif url.path == "/metrics":
        writer.write(http_answer(metrics_page(), kind="text/plain; version=0.0.4"))
    elif url.path == "/torn":
        writer.write(http_answer(b"\n".join(SAID), kind="text/plain; version=0.0.4"))
    else:
        place, number = unquote(url.path).strip("/").split("/")
        writer.write(_page(place, int(number)))
    await writer.drain()


def metrics_page() -> bytes:
    lines = []
    for number, text in enumerate(TEXTS.values()):
        label = text[:500].replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        lines.append(f'nasty{{n="{number}",said="{label}"}} {number}')
    return ("\n".join(lines) + "\n").encode()


def _page(place: str, number: int) -> bytes:
    raw = SAID[number % len(SAID)]
    line = raw.replace(b"\r", b"").replace(b"\n", b" ")[:4000]
    if place in ("json", "age", "key"):
        said = SPELLED[number % len(SPELLED)]
        found = {"json": {"status": said}, "age": {"checked_at": said}, "key": {said: said, "status": said}}[place]
        return http_answer(json.dumps(found))
    if place == "header":
        return b"HTTP/1.1 200 OK\r\nX-Said: " + line + b"\r\nContent-Length: 2\r\n\r\nok"
    if place == "charset":
        return (
            b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=" + line + b"\r\nContent-Length: 4\r\n\r\n\xff\xfeok"
        )
    if place == "reason":
        return b"HTTP/1.1 500 " + line + b"\r\nContent-Length: 0\r\n\r\n"
    if place == "location":
        return b"HTTP/1.1 302 Found\r\nLocation: http://there/" + line + b"\r\nContent-Length: 0\r\n\r\n"
    if place == "encoding":
        return b"HTTP/1.1 200 OK\r\nContent-Encoding: " + line + b"\r\nContent-Length: 2\r\n\r\nok"
    if place == "chunk":
        return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + line + b"\r\nok\r\n0\r\n\r\n"
    return http_answer(raw, kind="text/plain; charset=utf-8")


def _prometheus(query: str) -> bytes:
    found = re.search(r'how="(\w+)",n="(\d+)"', query)
    how, number = (found[1], int(found[2])) if found else ("value", 0)
    said = SPELLED[number % len(SPELLED)]
    if how == "error":
        error = {"status": "error", "errorType": said[:100], "error": said}
        return http_answer(json.dumps(error), status="400 Bad Request")
    if how == "html":
        return http_answer(said.encode("utf-8", "replace"), status="502 Bad Gateway", kind="text/html")
    labels = {"__name__": said, "said": said, said: said} if how == "label" else {}
    value = said if how == "value" else "1"
    data = {"resultType": said if how == "value" else "vector", "result": [{"metric": labels, "value": [1.0, value]}]}
    more = {"warnings": [said]} if how == "warning" else {"infos": [said]} if how == "info" else {}
    return http_answer(json.dumps({"status": "success", "data": data, **more}))


def checks_on(url: str, places: tuple[str, ...] = tuple(PLACES), *, prometheus: bool = True) -> list[str]:
    """One check for every text in every place."""
    found = []
    for place in places:
        for number, name in enumerate(NAMES):
            keys = PLACES[place]
            found.append(_check(f"{place}-{number}", f"{name} in {place}", f'url = "{url}/{place}/{number}"', keys))
    if prometheus:
        for how in QUERIES:
            for number in range(len(SPELLED)):
                query = f"query = '''up{{how=\"{how}\",n=\"{number}\"}}'''"
                found.append(_check(f"{how}-{number}", f"{number} {how}", query, "expect = ['value > 5']", "promql"))
        for number in range(len(TEXTS)):
            measure = f"measure = {{ value = '''nasty{{n=\"{number}\"}}''', agg = \"max\" }}"
            found.append(_check(f"scrape-{number}", f"{number}", measure, "expect = ['value > 99']", "measure"))
    return found


def _check(id: str, name: str, where: str, keys: str, kind: str = "http") -> str:
    return f'id = "{id}"\nname = {json.dumps(name)}\nkind = "{kind}"\n{where}\nevery = "5s"\ntimeout = "4s"\nfall = 1\n{keys}\n'


def named_by(url: str) -> list[str]:
    """Checks that are called by the corpus themselves, in a file that spells it."""
    return [
        f'id = "named-{number}"\nname = {toml_text(text)}\nkind = "http"\nurl = "{url}/body/{number}"\nfall = 1\n'
        f'every = "5s"\ntimeout = "4s"\nexpect = [{toml_text("body == " + text[:200].strip())}]\n'
        for number, text in enumerate(TEXTS.values())
    ]


def toml_text(text: str) -> str:
    """``text`` as TOML spells it: everything outside ASCII, and every control character, as an escape."""
    return '"' + "".join(c if " " <= c <= "~" and c not in '"\\' else f"\\U{ord(c):08X}" for c in text) + '"'


def write_config(home: Path, url: str, *bodies: str, name: str = "Test") -> None:
    metrics = f'[metrics]\nprometheus = "{url}"\nscrape = ["{url}/metrics", "{url}/torn"]\ntimeout = "4s"\n'
    text = config_text(*bodies, head=metrics).replace('name = "Test"', f"name = {toml_text(name)}", 1)
    (home / "artisan.toml").write_text(text, "utf-8")
