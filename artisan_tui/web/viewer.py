"""One viewer: a WebSocket on one side, a board on the other."""

from __future__ import annotations

import asyncio
import contextlib

from aiohttp import WSMsgType, web

from artisan_tui.web.board_process import BoardProcess
from artisan_tui.web.wishes import LONGEST, Pace, Pinged, Resized, Typed, wish_of

#: How a connection is closed, for the page: `board.js`.
CLOSED_BY_PERSON, FAILED, FULL = 4000, 4001, 4002
#: Seconds after which a browser that does not answer has gone.
_SILENCE = 10.0
#: Keys a second that are passed on, those at once, and seconds between two sizes.
_RATE, _BURST, _BETWEEN_SIZES = 150.0, 600.0, 0.1
#: Seconds that a browser gets to close its end.
_GOODBYE = 1.0


def new_socket() -> web.WebSocketResponse:
    return web.WebSocketResponse(heartbeat=_SILENCE, max_msg_size=LONGEST, timeout=_GOODBYE)


class Viewer:
    """What the browser sends reaches the board as keys and sizes and as nothing else."""

    def __init__(self, socket: web.WebSocketResponse, command: tuple[str, ...]) -> None:
        self._socket = socket
        self._board = BoardProcess(command, self._show)
        self._pace = Pace(_RATE, _BURST)
        self._window: Resized | None = None
        self._resized = asyncio.Event()
        self._gone = False

    async def serve(self, window: Resized) -> None:
        """Until the browser has gone or the board has ended; both have then."""
        try:
            await self._board.start(window)
        except OSError as error:
            await self._say_goodbye(FAILED, error.strerror or type(error).__name__)
            return
        showing = asyncio.create_task(self._board.run())
        others = [asyncio.create_task(self._listen()), asyncio.create_task(self._fit())]
        try:
            await asyncio.wait([showing, others[0]], return_when=asyncio.FIRST_COMPLETED)
            if showing.done():
                code = showing.result()
                await self._say_goodbye(FAILED if code else CLOSED_BY_PERSON, self._board.errors)
        finally:
            self._gone = True
            for task in others:
                task.cancel()
            await self._board.end()
            await asyncio.gather(showing, *others, return_exceptions=True)

    async def leave(self, code: int) -> None:
        """Close the connection: the server ends."""
        self._gone = True
        with contextlib.suppress(ConnectionError, TimeoutError):
            await asyncio.wait_for(self._socket.close(code=code), _GOODBYE)

    def kill(self) -> None:
        """End the board at once."""
        self._board.kill()

    async def _say_goodbye(self, code: int, text: str) -> None:
        with contextlib.suppress(ConnectionError, TimeoutError):
            if text:
                await asyncio.wait_for(self._socket.send_json(["said", text]), _GOODBYE)
            await asyncio.wait_for(self._socket.close(code=code), 2 * _GOODBYE)

    async def _show(self, data: bytes) -> None:
        if self._gone:
            return
        try:
            await self._socket.send_bytes(data)
        except ConnectionError:
            self._gone = True

    async def _listen(self) -> None:
        async for message in self._socket:
            wish = wish_of(message.data) if message.type is WSMsgType.TEXT else None
            await asyncio.sleep(self._pace.take(wish.events if isinstance(wish, Typed) else 1))
            if isinstance(wish, Typed):
                await self._board.type(wish.data)
            elif isinstance(wish, Resized):
                self._window = wish
                self._resized.set()
            elif isinstance(wish, Pinged):
                with contextlib.suppress(ConnectionError):
                    await self._socket.send_json(["pong"])

    async def _fit(self) -> None:
        """Pass on the newest size; those of a window that is being dragged are left out."""
        while True:
            await self._resized.wait()
            self._resized.clear()
            if self._window is not None:
                await self._board.resize(self._window)
            await asyncio.sleep(_BETWEEN_SIZES)
