"""Passwords and answers for the tests of the redis kind."""

from __future__ import annotations

import asyncio
from typing import Any

SECRET = "s3cret-Zaphod"
ENVIRON = {"REDIS_PASSWORD": SECRET}


def saying(*parts: bytes) -> Any:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        for part in parts:
            writer.write(part)
            await writer.drain()

    return talk
