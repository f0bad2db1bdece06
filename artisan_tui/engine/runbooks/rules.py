"""What the configuration says about runs: the runbooks, the places, where notices go. The same in every session."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from artisan_tui.domain.event import Entry
from artisan_tui.engine.incidents.rules import Route, no_channel

if TYPE_CHECKING:
    from artisan_tui.config.models import Config
    from artisan_tui.domain.runbooks.approval import KernelLogin
    from artisan_tui.domain.runbooks.definition import Runbook
    from artisan_tui.engine.runbooks.library import Library
    from artisan_tui.engine.settings import Overlay

_LOGINUID = Path("/proc/self/loginuid")
#: The keys of ``[alerts]`` that say how one connects.
_LOGIN = {"headers", "bearer_token", "username", "password", "ca_file", "cert_file", "key_file"}


def kernel_login(name: str, loginuid: Path = _LOGINUID) -> KernelLogin:
    """The login behind this process as the kernel recorded it; ``name`` is how this session calls it."""
    from artisan_tui.domain.runbooks.approval import KernelLogin

    try:
        recorded: int | None = int(loginuid.read_text().strip())
    except (OSError, ValueError):
        recorded = None
    shared = "it was root who logged in, which several people can be" if recorded == 0 else ""
    return KernelLogin(name, recorded, shared)


class RunRules:
    """A state that follows from the configuration alone: `RunsWing.configure_states` sets it.

    ``session`` is the name under which this process carries runs out. ``kernel`` says who the kernel says is there.
    """

    KINDS: ClassVar[tuple[str, ...]] = ()

    def __init__(self) -> None:
        from artisan_tui.engine.identity import actor
        from artisan_tui.engine.runbooks.owner import own_name

        self.session = own_name(actor())
        self.route: Route = no_channel
        self.kernel: Callable[[str], KernelLogin] = kernel_login
        #: The state folder, where what is outside is looked at before a run; None looks at nothing.
        self.state: Path | None = None
        self.environ: Mapping[str, str] = os.environ
        self._config: Config | None = None
        #: The configuration in other targets than the chosen one, by their id.
        self._elsewhere: dict[str, Config] = {}
        self._overlay: Overlay | None = None
        self._library: Library | None = None
        self._reading = threading.Lock()
        self._stamp: object = None

    def configure(self, config: Config, overlay: Overlay | None = None) -> None:
        from artisan_tui.engine.notify.routing import route

        self._config, self._library = config, None
        self._elsewhere.clear()
        self._overlay = overlay or self._overlay
        self.route = partial(route, config)

    @property
    def config(self) -> Config:
        assert self._config is not None
        return self._config

    @property
    def library(self) -> Library:
        """The runbooks as they are on disk now. Raises ConfigError."""
        from artisan_tui.engine.runbooks.library import library
        from artisan_tui.engine.settings import fingerprint

        def stamp(known: Library) -> object:
            return tuple(fingerprint(path) for path in known.watched)

        # Several threads ask, and the configuration may be another one meanwhile.
        with self._reading:
            while True:
                config, found = self.config, self._library
                if found is not None and stamp(found) == self._stamp:
                    return found
                found = library(config, self._overlay)
                self._stamp = stamp(found)
                if config is self._config:
                    self._library = found
                    return found

    def runbook(self, wanted: str) -> Runbook | None:
        """Raises ConfigError when the files cannot be read."""
        return self.library.runbooks.get(wanted)

    @property
    def environment(self) -> str:
        return self.config.artisan.environment

    @property
    def folder(self) -> Path:
        """Where relative paths of steps begin."""
        return self.config.path.absolute().parent

    def place(self, target: str) -> Mapping[str, str]:
        """What a target says about where its services run."""
        found = next((each for each in self.config.targets if each.id == target), None)
        if found is None:
            return {}
        known = {"context": found.context, "namespace": found.namespace, "compose_file": found.compose_file}
        return {name: os.fspath(value) for name, value in known.items() if value}

    @property
    def tells_here(self) -> bool:
        """Whether every message goes into a file on this machine, as in the demo."""
        return self._overlay is not None and self._overlay.messages is not None

    def stack(self, mode: str, target: str) -> str:
        """Address of the simulated stack that carries out a run of this mode at this target, "" for none.

        Beside a simulated stack every run is. Elsewhere a target that has a stack is, and so is every drill.
        """
        if self._overlay is not None and self._overlay.stack:
            return self._overlay.stack
        known = {each.id: each.stack or "" for each in self.config.targets}
        if mode == "drill" and not known.get(target):
            return next(filter(None, known.values()), "")
        return known.get(target, "")

    def options(self, state: Path) -> Mapping[str, str]:
        """What a step needs to write into the same journal as this session: file, state folder, what the demo lays over."""
        from artisan_tui.domain.json_value import as_json

        # An attempt runs in another folder than the session.
        found = {"config": str(self.config.path.absolute()), "state": str(state.absolute())}
        return found if self._overlay is None else {**found, "overlay": json.dumps(as_json(self._overlay))}

    def config_at(self, target: str) -> Config:
        """The configuration as it is in a target, with that target's addresses. Raises ConfigError."""
        from artisan_tui.engine.settings import Overlay, read

        if target in ("", self.config.chosen) or all(each.id != target for each in self.config.targets):
            return self.config
        found = self._elsewhere.get(target)
        if found is None:
            overlay = replace(self._overlay or Overlay(), target=target)
            found = self._elsewhere[target] = read(self.config.path, overlay)
        return found

    def metrics(self, target: str = "") -> Mapping[str, Any] | None:
        """The table ``[metrics]`` in a target as JSON values, secrets as references."""
        found = self.config_at(target).metrics
        return None if found is None else found.model_dump(mode="json", exclude_none=True)

    def alertmanagers(self, target: str = "") -> tuple[str, ...]:
        found = self.config_at(target).alerts
        return () if found is None else tuple(str(each) for each in found.alertmanager)

    def alert_login(self, target: str = "") -> Mapping[str, Any]:
        """How one logs in at the Alertmanagers of a target, as ``[alerts]`` says; secrets as references."""
        found = self.config_at(target).alerts
        return {} if found is None else found.model_dump(mode="json", exclude_none=True, include=_LOGIN)

    def forget(self) -> None:
        """The journal says nothing of it."""

    def apply(self, entries: Iterable[Entry]) -> bool:
        return False
