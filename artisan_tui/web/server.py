"""The HTTP server: the page, its files, and a WebSocket for each viewer. Whoever lacks the token gets nothing."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import socket
from collections.abc import Awaitable, Callable
from importlib.resources import files
from pathlib import Path

from aiohttp import WSCloseCode, web

from artisan_tui.domain.text.printable import printable
from artisan_tui.web.gate import PARAMETER, Gate, from_own_page
from artisan_tui.web.page import Page
from artisan_tui.web.viewer import FULL, Viewer, new_socket
from artisan_tui.web.wishes import Resized, window_of

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

#: Seconds for requests that are under way when the server ends.
_PATIENCE = 2.0
#: How often it is looked whether a viewer has left, and seconds in between.
_LOOKS, _BETWEEN_LOOKS = 20, 0.1
_HEADERS = {
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
#: xterm.js writes its own styles.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; img-src 'self' data:; "
    "connect-src 'self'{sockets}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HOST = re.compile(r"[A-Za-z0-9.:\[\]-]{1,255}")


class BoardServer:
    """``command`` starts a board. ``complain`` is told what went wrong here, a sentence each."""

    def __init__(self, command: tuple[str, ...], page: Page, most: int, complain: Callable[[str], None]) -> None:
        self._command, self._page, self._most, self._complain = command, page, most, complain
        self._viewers: set[Viewer] = set()
        self._runner: web.AppRunner | None = None
        self._gate: Gate | None = None

    async def open(self, listening: socket.socket) -> str:
        """Answer on a socket that listens; the token."""
        self._gate = gate = Gate(listening.getsockname()[1])
        # aiohttp names whole requests in what it logs, and with them the token.
        logging.getLogger("aiohttp").setLevel(logging.CRITICAL + 1)
        app = web.Application(middlewares=[self._guard])
        app.on_response_prepare.append(_secure)
        app.add_routes(
            [
                web.get("/", self._index),
                web.get("/alive", self._alive),
                web.get("/ws", self._watch),
                web.static("/page", Path(str(files("artisan_tui.web") / "page"))),
                web.static("/textual", Path(str(files("textual_serve") / "static"))),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=_PATIENCE)
        await self._runner.setup()
        await web.SockSite(self._runner, listening).start()
        return gate.token

    async def close(self) -> None:
        """End every board, then the server."""
        await asyncio.gather(*(viewer.leave(WSCloseCode.GOING_AWAY) for viewer in self._viewers))
        if self._runner is not None:
            await self._runner.cleanup()

    def kill(self) -> None:
        """End every board at once."""
        for viewer in self._viewers:
            viewer.kill()

    # -- who may ------------------------------------------------------------

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        gate = self._gate
        assert gate is not None
        given = request.query.get(PARAMETER)
        if gate.knows_token(given):
            if request.path == "/":
                return _welcome(request, gate)
        elif given is not None or not gate.knows_cookie(request.cookies):
            return web.Response(status=403, text=self._page.refused)
        try:
            return await handler(request)
        except (web.HTTPException, asyncio.CancelledError, ConnectionError):
            raise
        except Exception as error:  # noqa: BLE001 - one viewer's trouble ends no other's board
            self._complain(printable(f"{request.path}: {type(error).__name__}: {error}", 500))
            return web.Response(status=500)

    # -- what is answered ---------------------------------------------------

    async def _index(self, request: web.Request) -> web.Response:
        return web.Response(text=self._page.html, content_type="text/html", headers={"Cache-Control": "no-store"})

    async def _alive(self, request: web.Request) -> web.Response:
        return web.Response(status=204, headers={"Cache-Control": "no-store"})

    async def _watch(self, request: web.Request) -> web.StreamResponse:
        if not from_own_page(request.headers.get("Origin"), request.host):
            return web.Response(status=403, text=self._page.refused)
        socket_ = new_socket()
        window = window_of(request.query.get("width", "120"), request.query.get("height", "40")) or Resized(120, 40)
        viewer = Viewer(socket_, self._command)
        full = not await self._room()
        # Nothing is awaited in between: two that come at once are two.
        if not full:
            self._viewers.add(viewer)
        try:
            await socket_.prepare(request)
            if full:
                await socket_.close(code=FULL)
            else:
                await viewer.serve(window)
        finally:
            self._viewers.discard(viewer)
            if socket_.prepared and request.transport is not None:
                with contextlib.suppress(RuntimeError):
                    request.transport.abort()  # also where the browser does not read what is left
        return socket_

    async def _room(self) -> bool:
        """Whether one more may look. A page that is loaded again is there before its last board has ended."""
        for _wait in range(_LOOKS):
            if len(self._viewers) < self._most:
                return True
            await asyncio.sleep(_BETWEEN_LOOKS)
        return len(self._viewers) < self._most


def _welcome(request: web.Request, gate: Gate) -> web.Response:
    """The cookie, and the same page without the token: not in the address, the history or a Referer."""
    rest = request.rel_url.query.copy()
    rest.popall(PARAMETER)
    response = web.Response(status=303, headers={"Cache-Control": "no-store"})
    # Not "Strict": a browser would leave the cookie out after the link was clicked in a chat.
    response.set_cookie(gate.cookie_name, gate.cookie, httponly=True, samesite="Lax", secure=request.secure, path="/")
    response.headers["Location"] = str(request.rel_url.with_path("/").with_query(rest))
    return response


async def _secure(request: web.Request, response: web.StreamResponse) -> None:
    host = request.host if _HOST.fullmatch(request.host) else ""
    response.headers.update(_HEADERS)
    response.headers["Content-Security-Policy"] = _POLICY.format(sockets=f" ws://{host} wss://{host}" if host else "")
    response.headers.setdefault("Cache-Control", "private, no-cache")
    response.headers.pop("Server", None)
