"""The client of the simulated platform's admin API: list, activate and deactivate faults."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from artisan_tui.domain.text.printable import printable

if TYPE_CHECKING:
    import httpx

_TIMEOUT = 5.0  # seconds


class PlatformError(Exception):
    """The platform cannot be reached or refused the request. The message is one sentence for the operator."""


@dataclass(frozen=True, slots=True)
class PlatformFault:
    """One fault, and whether it is active."""

    id: str
    title: str
    title_ko: str
    description: str
    description_ko: str
    active: bool


class SimulatedPlatform:
    """A client of the stack at ``base_url`` (``http://127.0.0.1:PORT``). Every method may raise `PlatformError`."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url.rstrip("/")
        self._client: httpx.AsyncClient | None = None

    async def faults(self) -> tuple[PlatformFault, ...]:
        """All faults, in the platform's order."""
        rows = await self._call("GET", "/admin/faults")
        try:
            if not isinstance(rows, list):
                raise TypeError("rows")
            return tuple(_fault(row) for row in rows)
        except (KeyError, TypeError):
            raise PlatformError(f"The simulated platform at {self._base_url} sent an invalid list of faults.") from None

    async def set_fault(self, id: str, broken: bool) -> None:
        """Activate or deactivate one fault."""
        await self._call("POST", f"/admin/faults/{quote(id, safe='')}/{'break' if broken else 'mend'}")

    async def mend_all(self) -> None:
        """Deactivate all faults."""
        await self._call("POST", "/admin/mend-all")

    async def aclose(self) -> None:
        """Close the connections. The client may be used again."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _call(self, method: str, path: str) -> Any:
        import httpx

        where = f"The simulated platform at {self._base_url}"
        try:
            if self._client is None:
                # The platform is on this machine, so proxies from the environment are ignored.
                self._client = httpx.AsyncClient(base_url=self._base_url, timeout=_TIMEOUT, trust_env=False)
            response = await self._client.request(method, path)
        except httpx.TimeoutException:
            raise PlatformError(f"{where} did not answer within {_TIMEOUT:g} s.") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise PlatformError(
                f"{where} cannot be reached: {printable(str(error), 200) or type(error).__name__}."
            ) from None
        try:
            body = response.json()
        except ValueError:  # also for a body that is not UTF-8
            body = None
        if response.status_code != 200:
            reason = body.get("error") if isinstance(body, dict) else None
            said = f": {printable(reason, 200)}" if isinstance(reason, str) else ""
            raise PlatformError(
                f"{where} refused {method} {printable(path, 120)} with status {response.status_code}{said}."
            )
        if body is None:
            raise PlatformError(f"{where} did not answer {method} {printable(path, 120)} with JSON.")
        return body


def _fault(row: Any) -> PlatformFault:
    active = row["active"]
    if not isinstance(active, bool):
        raise TypeError("active")
    words = {key: row[key] for key in ("id", "title", "title_ko", "description", "description_ko")}
    if not all(isinstance(word, str) for word in words.values()):
        raise TypeError("words")
    return PlatformFault(**words, active=active)
