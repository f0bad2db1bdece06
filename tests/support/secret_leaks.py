"""Secrets in every form in which they could leak, and a search for them."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from support.servers import http_answer

PROGRAM = [sys.executable, "-m", "artisan_tui"]


#: By what holds it, each its own, with the signs that encodings trip over.
SECRETS = {
    "bearer": "bearer-7f3A+/9c2e=",
    "header": 'hdr "quoted" \\ 4b1d',
    "whole": "Bearer whole-55ee12aa",
    "password": "pw:d@/9a7b&c?e",
    "basic": "cHJveHk6aHVudGVyMi1odW50ZXIy",
    "database": "db-p%40ss/4410",
    "command": "cmd-e1f2 d3",
    "broken": "line-1a2b\x01line-3c4d",
}


@dataclass
class Echo:
    """Says back everything it was sent, in every place an answer has. ``heard`` is what arrived."""

    heard: list[bytes] = field(default_factory=list)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.heard.append(head)
        line, *headers = head.decode("latin-1").strip().split("\r\n")
        sent = dict(header.split(": ", 1) for header in headers if ": " in header)
        token = sent.get("authorization") or sent.get("Authorization") or ""
        said = " ".join([token, *spelled(token), *(value for name, value in sent.items() if name.lower() != "host")])
        path = line.split(" ")[1]
        if path.startswith("/api/v1/"):
            body = {"status": "error", "errorType": "bad_data", "error": f"who sends {said}?"}
            if "warn" in path:
                data = {"resultType": "vector", "result": [{"metric": {}, "value": [1.0, "1"]}]}
                body = {"status": "success", "data": data, "warnings": [said], "infos": [said]}  # type: ignore[dict-item]
            writer.write(http_answer(json.dumps(body)))
        elif path == "/location":
            writer.write(f"HTTP/1.1 302 Found\r\nLocation: http://x/{quote(said)}\r\nX-Echo: {said}\r\n".encode())
            writer.write(b"Content-Length: 0\r\n\r\n")
        elif path == "/reason":
            writer.write(f"HTTP/1.1 500 {said}\r\nX-Echo: {said}\r\nContent-Length: 0\r\n\r\n".encode("latin-1"))
        elif path == "/torn":
            writer.write(f"HTTP/1.1 {said}\r\n\r\n".encode("latin-1"))
        elif path == "/text":
            writer.write(http_answer(f"<pre>{said}\n{'x' * 6000} {said}</pre>" * 3, kind="text/plain"))
        else:
            more = f"X-Echo: {said}\r\n"
            writer.write(http_answer(json.dumps({"status": said, "sent": sent, "at": said}), more=more))
        await writer.drain()


def spelled(token: str) -> Iterator[str]:
    """The credentials alone, decoded, encoded."""
    alone = token.partition(" ")[2]
    yield alone
    yield quote(alone, safe="")
    yield base64.b64encode(alone.encode()).decode()
    with contextlib.suppress(ValueError):
        plain = base64.b64decode(alone, validate=True).decode("latin-1")
        yield plain
        yield plain.partition(":")[2]


def run(home: Path, env: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[bytes]:
    command = [*PROGRAM, "--config", str(home / "artisan.toml"), "--state", str(home / "state"), *arguments]
    base = {name: value for name, value in os.environ.items() if not name.startswith(("ARTISAN", "XDG"))}
    return subprocess.run(command, capture_output=True, timeout=120, cwd=home, env={**base, **env}, check=False)
