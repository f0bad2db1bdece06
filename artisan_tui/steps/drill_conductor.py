"""The client of the process that conducts a live drill."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from artisan_tui.domain.text.printable import printable

if TYPE_CHECKING:
    import httpx

_TIMEOUT = 5.0  # seconds


class ConductorGone(Exception):
    """The process does not answer."""


class ConductorRefused(Exception):
    """It refused what was asked. The message is its reason."""


class ConductorClient:
    """``url`` is on this machine. With the ``token`` of the folder it may conduct and see the truth."""

    def __init__(self, url: str, token: str = "") -> None:
        self.url = url.rstrip("/")
        self._token = token
        self._client: httpx.AsyncClient | None = None

    async def view(self) -> Mapping[str, Any]:
        """What players may know. Raises ConductorGone."""
        return await self._call("GET", "")

    async def truth(self) -> Mapping[str, Any]:
        """What the facilitator sees. Raises ConductorGone and ConductorRefused."""
        return await self._call("GET", "/truth")

    async def act(self, do: str, arguments: Mapping[str, Any], actor: str) -> Mapping[str, Any]:
        """An act of a person. Raises ConductorGone and ConductorRefused."""
        return await self._call("POST", "/act", {"do": do, "arguments": dict(arguments), "actor": actor})

    async def conduct(self, what: str, **body: Any) -> Mapping[str, Any]:
        """``pause``, ``resume``, ``speed``, ``inject``, ``hold``, ``release``, ``hint``, ``remove``, ``return``, ``end``.

        Raises ConductorGone and ConductorRefused.
        """
        return await self._call("POST", f"/{what}", body)

    async def aclose(self) -> None:
        """Close the connections. The client may be used again."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        import httpx

        if self._client is None:
            # The process is on this machine, so proxies from the environment are ignored.
            headers = {"authorization": f"Bearer {self._token}"} if self._token else {}
            self._client = httpx.AsyncClient(base_url=self.url, timeout=_TIMEOUT, trust_env=False, headers=headers)
        try:
            response = await self._client.request(method, f"/admin/drill{path}", json=body)
            found = response.json()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise ConductorGone(printable(str(error), 200) or type(error).__name__) from None
        if not isinstance(found, dict):
            raise ConductorGone("it sent no object")
        if response.status_code != 200:
            raise ConductorRefused(printable(str(found.get("error", response.status_code)), 200))
        return found
