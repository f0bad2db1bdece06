"""The last lines of a pod, from the Kubernetes API server."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from artisan_tui.domain.checks.log_tail import LINES, PATIENCE, LogTail, tail_of
from artisan_tui.domain.probe_result import Failure
from artisan_tui.domain.text.printable import printable
from artisan_tui.sources.blocking import StillBlocked
from artisan_tui.sources.checks.kubernetes import KubernetesProbe, WorkloadReading, status_message
from artisan_tui.sources.checks.kubernetes.state import Pod


class KubernetesLogs(KubernetesProbe):
    """Of a workload's pods, the one that is worst off."""

    _tail: LogTail | None = None

    async def tail(self) -> LogTail:
        kind, name = self._spec.resource
        source = printable(f"kubernetes {kind}/{name}", 300)
        try:
            seen = await self._work.run(PATIENCE, self._read, time.monotonic() + PATIENCE)
        except StillBlocked as blocked:
            return LogTail(source, problem=blocked.failure.detail)
        except TimeoutError:
            return LogTail(source, problem=self._timed_out().detail)
        if isinstance(seen, Failure):
            return LogTail(source, problem=seen.detail)
        if self._tail is not None:
            return self._tail
        why = seen.remarks[0] if seen.remarks else f"there is no pod of {self._spec.target}"
        return LogTail(source, problem=printable(why, 300))

    def _ask(self, deadline: float) -> WorkloadReading:
        reading = super()._ask(deadline)
        pod = worst(reading.pods)
        if pod is not None:
            self._tail = self._log(pod, deadline)
        return reading

    def _log(self, pod: Pod, deadline: float) -> LogTail:
        from kubernetes.client.api.core_v1_api import CoreV1Api

        from artisan_tui.sources.checks.kubernetes import reader
        from artisan_tui.sources.logs.plain_reader import PlainReader

        assert self._access is not None  # `_ask` has just read with it
        self._phase, namespace = "the pod's log", self._spec.namespace
        # The key of a container is "uid/name". The server wants to know which one only where there are several.
        restarts = {key.partition("/")[2]: starts.count for key, starts in pod.containers.items()}
        name = max(restarts, key=lambda each: restarts[each], default="")
        chosen: dict[str, Any] = {"container": name} if len(restarts) > 1 else {}
        source = printable(f"kubernetes {pod.name}" + (f" {name}" if chosen else ""), 300)
        client = PlainReader(self._access.configuration, deadline)
        try:
            log: Any = CoreV1Api(client).read_namespaced_pod_log(pod.name, namespace, tail_lines=LINES, **chosen)
        except reader.ApiException as error:
            problems = {
                400: status_message(error.body),
                403: f"permission denied: needs get on pods/log in namespace {namespace}",
                404: f"the pod {pod.name} is gone",
            }
            said = problems.get(int(error.status or 0))
            if not said:
                raise
            return LogTail(source, problem=printable(said, 300))
        finally:
            client.rest_client.close()
        return tail_of(source, log)


def worst(pods: Sequence[Pod]) -> Pod | None:
    """One that should run and is not ready, else one that has failed, else any."""
    return min(pods, key=lambda pod: (not (pod.live and not pod.ready), not pod.trouble, not pod.live), default=None)
