"""Operations on components and on releases."""

from __future__ import annotations

from artisan_tui.drill import faults
from artisan_tui.drill.model.autoscaler import Autoscaler
from artisan_tui.drill.model.circumstances import Present
from artisan_tui.drill.model.fleet import MAX_REPLICAS, RESTART_SECONDS, component_named
from artisan_tui.drill.model.outcome import Outcome, Value, refused
from artisan_tui.drill.model.releases import Revision, plain_version


class PlatformOperations:
    """Components: scale, restart, stop, start, autoscale. Releases: deploy, promote, roll back."""

    def __init__(self, world: Present) -> None:
        self._world = world

    # -- components

    def scale(self, component: str, replicas: int) -> Outcome:
        """Set the number of replicas. New ones become ready one after the other."""
        name, fleet = component_named(component), self._world.fleet
        if name not in fleet.wanted:
            return refused(f'"{component}" cannot be scaled; known: {", ".join(fleet.wanted)}')
        if not 0 <= replicas <= MAX_REPLICAS:
            return refused(f"replicas must be from 0 to {MAX_REPLICAS}")
        before = fleet.wanted[name]
        fleet.scale(name, replicas)
        return Outcome(
            True,
            f"{component} scaled to {replicas}",
            {"component": name, "replicas": replicas, "before": before, "ready": fleet.ready(name)},
        )

    def _component(self, name: str) -> str | None:
        found = component_named(name)
        return found if found in RESTART_SECONDS else None

    def restart(self, component: str) -> Outcome:
        """Restart a component: it is away for some seconds, and faults that a restart cures end with it."""
        name = self._component(component)
        if name is None:
            return refused(f'no component "{component}"; known: {", ".join(RESTART_SECONDS)}')
        seconds = self._world.fleet.restart(name, self._world.tick)
        return Outcome(True, f"{component} restarted", {"component": name, "seconds": seconds})

    def stop(self, component: str) -> Outcome:
        """Stop a component until it is started."""
        name = self._component(component)
        if name is None:
            return refused(f'no component "{component}"; known: {", ".join(RESTART_SECONDS)}')
        before = name not in self._world.fleet.stopped
        self._world.fleet.stop(name)
        return Outcome(True, f"{component} stopped", {"component": name, "running": False, "before": before})

    def start(self, component: str) -> Outcome:
        """Start a component that was stopped; it needs the time of a restart. A running one stays as it is."""
        name = self._component(component)
        if name is None:
            return refused(f'no component "{component}"; known: {", ".join(RESTART_SECONDS)}')
        fleet = self._world.fleet
        before = name not in fleet.stopped
        seconds = 0 if before else fleet.restart(name, self._world.tick)
        return Outcome(
            True, f"{component} started", {"component": name, "running": True, "before": before, "seconds": seconds}
        )

    def autoscale(self, component: str, minimum: int, maximum: int) -> Outcome:
        """Let an autoscaler keep the replicas between ``minimum`` and ``maximum``; two zeros remove it."""
        name, world = component_named(component), self._world
        if name not in world.fleet.wanted:
            return refused(f'"{component}" cannot be scaled; known: {", ".join(world.fleet.wanted)}')
        old = world.autoscalers.get(name)
        before: dict[str, Value] = {"before_min": old.minimum if old else 0, "before_max": old.maximum if old else 0}
        if minimum == maximum == 0:
            world.autoscalers.pop(name, None)
            return Outcome(True, f"autoscaler of {component} deleted", before)
        if not 1 <= minimum <= maximum <= MAX_REPLICAS:
            return refused(f"the minimum must be from 1 to the maximum, and the maximum at most {MAX_REPLICAS}")
        world.autoscalers[name] = Autoscaler(minimum, maximum)
        return Outcome(True, f"{component} autoscaled", {"min": minimum, "max": maximum, **before})

    # -- releases

    def deploy(self, component: str, version: str, share: float = 1.0) -> Outcome:
        """Serve ``share`` of the requests with a version: a canary below 1, a roll-out at 1."""
        name, wanted, releases = component_named(component), plain_version(version), self._world.releases
        if name in releases.others and wanted and share == 1.0:
            return self._replaced(name, wanted)
        if name != "app":
            return refused(f'"{component}" cannot be deployed so; known: app, {", ".join(releases.others)}')
        if not wanted or not 0.0 < share <= 1.0:
            return refused("a version, and a share above 0 and at most 1, are needed")
        before = releases.stable
        releases.deploy(wanted, share)
        self._moved()
        return Outcome(
            True,
            f"{component} {wanted} serves {share:.0%}",
            {"version": wanted, "share": share, "before": before, "revision": releases.history[-1].number},
        )

    def _replaced(self, name: str, version: str) -> Outcome:
        """Another version of a component that has no canary: it is away as for a restart."""
        history = self._world.releases.others[name]
        before = history[-1].version
        history.append(Revision(history[-1].number + 1, version))
        self._world.fleet.restart(name, self._world.tick)
        return Outcome(
            True, f"{name} is {version}", {"version": version, "before": before, "revision": history[-1].number}
        )

    def promote(self, component: str) -> Outcome:
        """Serve all requests with the canary."""
        canary = self._world.releases.canary
        if component_named(component) != "app" or canary is None:
            return refused(f'"{component}" has no canary')
        return self.deploy(component, canary)

    def rollback(self, component: str, revision: int | None = None) -> Outcome:
        """End a canary, or serve an earlier revision again: the one before, or the one with that number."""
        name, releases = component_named(component), self._world.releases
        if name != "app" and name not in releases.others:
            return refused(f'"{component}" has no releases; known: app, {", ".join(releases.others)}')
        before = releases.stable if name == "app" else releases.others[name][-1].version
        if name == "app" and revision is None and releases.canary is not None:
            canary = releases.canary
            releases.canary, releases.share = None, 0.0
            self._moved()
            return Outcome(True, f"canary {canary} ended", {"version": before, "before": canary})
        history = releases.history if name == "app" else releases.others[name]
        past = [each for each in history if each.number == revision or revision is None]
        if revision is None:
            past = [each for each in past if each.version != before]
        if not past:
            return refused("there is no such revision")
        if name != "app":
            return self._replaced(name, past[-1].version)
        releases.deploy(past[-1].version, 1.0)
        self._moved()
        return Outcome(
            True,
            f"rolled back to {past[-1].version}",
            {"version": releases.stable, "before": before, "revision": releases.history[-1].number},
        )

    def _moved(self) -> None:
        """The fault of a version ends with the version."""
        releases = self._world.releases
        if releases.broken is not None and releases.broken not in {version for version, _ in releases.parts}:
            self._world.mend_fault(faults.ERRORS_5XX)
