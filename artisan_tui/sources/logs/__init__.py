"""The last lines of a log, read when somebody asks for them: of a container, of a pod, or of a unit's journal.

The clients are those of the checks, with the same limits and the same words for what goes wrong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from artisan_tui.domain.checks.log_tail import PATIENCE, LogTail

if TYPE_CHECKING:
    from artisan_tui.config.about import Logs
    from artisan_tui.config.checks import CheckSpec
    from artisan_tui.sources.probe_context import ProbeContext

#: The keys of a spec that no log is read with.
_COMMON: dict[str, Any] = {"id": "logs", "every": PATIENCE, "timeout": PATIENCE}


class LogReader(Protocol):
    """Reads one log, once."""

    async def tail(self) -> LogTail:
        """Returns shortly after `PATIENCE` seconds at the latest. Never raises because of what it reads."""
        ...


def log_reader(logs: Logs | None, spec: CheckSpec, context: ProbeContext) -> LogReader | None:
    """What reads ``logs``, or without them the thing itself that ``spec`` probes; None for one that has no log."""
    if logs is not None and logs.journal is not None:
        from artisan_tui.sources.logs.journal import JournalLogs

        return JournalLogs(logs.journal, context.environ)
    if logs is not None and logs.docker is not None:
        from artisan_tui.sources.checks.docker.spec import DockerSpec
        from artisan_tui.sources.logs.docker import DockerLogs

        host = {"host": logs.host} if logs.host is not None else {}
        return DockerLogs(DockerSpec(**_COMMON, **host, container=logs.docker), context)
    if logs is not None:
        from artisan_tui.sources.checks.kubernetes.spec import KubernetesSpec
        from artisan_tui.sources.logs.kubernetes import KubernetesLogs

        return KubernetesLogs(KubernetesSpec(**_COMMON, **logs.workload), context)
    own = spec.model_copy(update={"timeout": PATIENCE})
    if spec.kind == "docker":
        from artisan_tui.sources.logs.docker import DockerLogs

        return DockerLogs(own, context)  # type: ignore[arg-type]  # its kind says which spec it is
    if spec.kind == "kubernetes":
        from artisan_tui.sources.logs.kubernetes import KubernetesLogs

        return KubernetesLogs(own, context)  # type: ignore[arg-type]
    if spec.kind == "systemd":
        from artisan_tui.sources.checks.systemd.spec import SystemdSpec
        from artisan_tui.sources.logs.journal import JournalLogs

        assert isinstance(spec, SystemdSpec)
        return JournalLogs(spec.full_name, context.environ, user=spec.user)
    return None
