"""The kind kubernetes: whether a workload has its pods, ready and not restarting."""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from artisan_tui.domain.probe_result import Failure, ProbeResult
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.span import span_text
from artisan_tui.domain.text.printable import printable
from artisan_tui.sources.blocking import Blocking, StillBlocked
from artisan_tui.sources.body import NotJson
from artisan_tui.sources.capped import NotEncoded, TooLarge
from artisan_tui.sources.checks.kubernetes.spec import RESOURCES, KubernetesSpec
from artisan_tui.sources.checks.kubernetes.state import Document, Pod, Workload, is_part, require_subject
from artisan_tui.sources.errors import explain
from artisan_tui.sources.installed import missing
from artisan_tui.sources.kind import Kind
from artisan_tui.sources.restarts import Restarts

if TYPE_CHECKING:
    from artisan_tui.sources.checks.kubernetes.access import Access, ClusterContext
    from artisan_tui.sources.checks.kubernetes.reader import Reader
    from artisan_tui.sources.probe_context import ProbeContext

_STATUS = {
    400: Reason.QUERY,
    401: Reason.AUTH,
    403: Reason.DENIED,
    410: Reason.STALE,
    429: Reason.REJECTED,
    503: Reason.REJECTED,
}


@dataclass(frozen=True, slots=True)
class WorkloadReading:
    """What one probe read. ``workload`` is None for a check of pods; ``took`` is in seconds."""

    workload: Workload | None
    pods: list[Pod]
    remarks: tuple[str, ...]
    took: float


class KubernetesProbe:
    """Reads a workload and its pods from a Kubernetes API server."""

    def __init__(self, spec: KubernetesSpec, probe_context: ProbeContext) -> None:
        self._spec = spec
        self._environ = probe_context.environ
        self._work = Blocking(f"kubernetes {spec.id}")
        self._restarts = Restarts(spec.restarts_within)
        self._access: Access | None = None
        self._cluster: ClusterContext | None = None
        self._closed = False
        self._phase = ""
        kind, name = spec.resource
        what = f"pods -l '{name}'" if kind == "pods" else f"{kind}/{name}"
        context = f" --context {printable(spec.context, 300)}" if spec.context else ""
        self._query = printable(f"kubectl{context} -n {spec.namespace} get {what}", 1500)

    async def probe(self) -> ProbeResult:
        deadline = time.monotonic() + self._spec.timeout
        try:
            seen = await self._work.run(self._spec.timeout, self._read, deadline)
        except StillBlocked as blocked:
            return ProbeResult(blocked.failure, query=self._query)
        except TimeoutError:
            seen = self._timed_out()
        if isinstance(seen, Failure):
            return ProbeResult(seen, query=self._query)
        return self._result(seen)

    async def aclose(self) -> None:
        """End a credential plugin that still runs. Nothing else stays open between probes."""
        self._closed = True
        if self._cluster is not None:
            self._cluster.plugin.end()

    def _timed_out(self) -> Failure:
        """Blind: an API server that does not respond says nothing about the workload."""
        detail = f"no response within {span_text(self._spec.timeout)}, waiting for {self._phase}"
        return Failure(Reason.TIMEOUT, detail, blind=True)

    def _read(self, deadline: float) -> WorkloadReading | Failure:
        """Read the workload. Runs in a thread, because the client blocks."""
        self._phase = "the kubernetes package to load"
        try:
            from artisan_tui.sources.checks.kubernetes import access, reader

            reader.load(workloads=self._spec.pods is None)
        except ImportError:
            return missing("kubernetes")
        try:
            kept = self._access is not None and self._access.is_good(time.time())
            try:
                return self._ask(deadline)
            except reader.ApiException as error:
                if error.status != 401 or not kept:
                    raise
                self._access = None  # the token may have been renewed in its file: read the kubeconfig again
                return self._ask(deadline)
        except access.NoAccess as error:
            return Failure(error.reason, error.detail, blind=True)
        except reader.ApiException as error:
            return self._refused(error) if error.status else self._unreachable(error)
        except TimeoutError:
            return self._timed_out()
        except (NotJson, KeyError, TypeError, AttributeError, ValueError) as error:
            # an unusable certificate, or an invalid host name
            if isinstance(error, ssl.SSLError) or type(error) is UnicodeError:
                return self._unreachable(error)
            why = str(error) if isinstance(error, NotJson) else type(error).__name__
            return Failure(Reason.PROTOCOL, f"unexpected response, not the Kubernetes API: {why}", blind=True)
        except Exception as error:  # noqa: BLE001 - whatever the API server does is a failed probe
            return self._unreachable(error)

    def _ask(self, deadline: float) -> WorkloadReading:
        from artisan_tui.sources.checks.kubernetes import access, reader

        if self._access is None or not self._access.is_good(time.time()):
            self._phase = "the kubeconfig and its credential plugin"
            if self._cluster is None:
                self._cluster = access.ClusterContext(self._spec.kubeconfig, self._spec.context, self._environ)
            if self._closed:
                raise TimeoutError
            self._access = access.find(self._cluster, deadline)
        client = reader.Reader(self._access.configuration, deadline)
        self._phase = "the API server"
        try:
            return self._gather(client)
        finally:
            client.rest_client.close()

    def _gather(self, client: Reader) -> WorkloadReading:
        from artisan_tui.sources.checks.kubernetes import reader

        spec, (kind, name), remarks = self._spec, self._spec.resource, []
        document: Document | None = None
        workload, selector, documents = None, name, []
        began = time.monotonic()
        if kind in RESOURCES:
            document = reader.workload(client, RESOURCES[kind], name, spec.namespace)
            require_subject(document, kind, name, spec.namespace)
            workload = Workload.read(RESOURCES[kind], document)
            selector = workload.selector
        try:
            documents = reader.pods(client, spec.namespace, selector)
        except reader.ApiException as error:
            if workload is None or error.status != 403:
                raise
            remarks.append(f"restarts and reasons are unknown: needs list on pods in namespace {spec.namespace}")
        took, now = time.monotonic() - began, time.time()
        documents = [each for each in documents if each["metadata"].get("namespace", spec.namespace) == spec.namespace]
        if document is not None:
            documents = [each for each in documents if is_part(each, RESOURCES[kind], document)]
        pods = [Pod.read(each, now, spec.pending_for) for each in documents]
        return WorkloadReading(workload, sorted(pods, key=lambda pod: pod.name), tuple(remarks), took)

    def _refused(self, error: Any) -> Failure:
        kind, name = self._spec.resource
        status, said = int(error.status), status_message(error.body)
        if status == 404 and said is not None and kind in RESOURCES:
            return Failure(Reason.ABSENT, f"{kind} {name} does not exist in namespace {self._spec.namespace}")
        reason = _STATUS.get(status) or (Reason.STATUS if status >= 500 else Reason.PROTOCOL)
        reason = Reason.REDIRECT if 300 <= status < 400 else reason
        detail = f"the API server answered {status}: {said or 'no Kubernetes status'}"
        if status == 401:
            detail = "the API server rejected the credentials of the kubeconfig: log in again"
        if status == 403:
            needs = "list on pods" if kind == "pods" else f"get on {RESOURCES[kind]}, and list on pods,"
            detail = f"permission denied: needs {needs} in namespace {self._spec.namespace}"
        if status == 410:
            detail = "the list of pods expired twice while it was read"
        return Failure(reason, detail, blind=True)

    def _unreachable(self, error: BaseException) -> Failure:
        reason, why = explain(error)
        if reason is Reason.TIMEOUT:
            return self._timed_out()
        if isinstance(error, TooLarge | NotEncoded):
            reason = Reason.TOO_LARGE if isinstance(error, TooLarge) else Reason.ENCODING
            why = f"{error} (list of pods): select fewer pods" if reason is Reason.TOO_LARGE else str(error)
        return Failure(reason, f"the API server: {why}", blind=True)

    def _result(self, found: WorkloadReading) -> ProbeResult:
        spec, workload = self._spec, found.workload
        live = [pod for pod in found.pods if pod.live]
        desired = workload.desired if workload is not None else len(live)
        ready = workload.ready if workload is not None else sum(pod.ready for pod in live)
        starts = {key: (pod.name, each) for pod in found.pods for key, each in pod.containers.items()}
        recent = self._restarts.count({key: each for key, (_, each) in starts.items()}, time.time())
        troubles = [pod.trouble for pod in live if pod.trouble]
        why = f": {troubles[0]}" if troubles else ""
        failure = None
        if workload is None and not live:
            failure = _no_pods(found.pods, spec)
        elif ready < (spec.at_least or min(desired, 1)):
            least = f", at least {spec.at_least} needed" if spec.at_least else ""
            failure = Failure(Reason.NOT_READY, f"{ready} of {desired} ready{least}{why}")
        notes = list(_notes(workload, desired, ready, why))
        worst = max(recent, key=lambda key: recent[key], default=None)
        if worst is not None and recent[worst] > spec.restarts:
            within = span_text(spec.restarts_within)
            times = f"{recent[worst]} times within {within}, at most {spec.restarts} expected"
            notes.append(f"{starts[worst][0]} restarted {times}")
        if troubles and ready >= desired:
            notes.append(troubles[0])
        gone = [pod.trouble for pod in found.pods if pod.phase == "Failed" and not pod.leaving]
        body = {
            "desired": desired,
            "ready": ready,
            "available": workload.available if workload is not None else ready,
            "updated": workload.updated if workload is not None else len(live),
            "restarts": sum(each.count for _, each in starts.values()),
            "restarts_lately": sum(recent.values()),
            "pending": sum(pod.phase == "Pending" for pod in live),
            "paused": workload is not None and workload.paused,
        }
        lines = (f"{p.name} {p.phase} {'ready' if p.ready else 'not ready'} {p.trouble}".strip() for p in found.pods)
        return ProbeResult(
            failure,
            latency=Decimal(str(round(found.took, 6))),
            answers={"value": ready, "body": body},
            excerpt="\n".join(lines)[:4096],
            notes=tuple(notes),
            remarks=(*found.remarks, *gone[:1]),
            query=self._query,
        )


def status_message(body: object) -> str | None:
    """The message of a Kubernetes Status object; None if ``body`` is none."""
    try:
        status: Mapping[str, Any] = json.loads(str(body))
        return printable(str(status["message"]), 200) if status["kind"] == "Status" else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _no_pods(pods: list[Pod], spec: KubernetesSpec) -> Failure:
    """The failure if no pod should be running: none exists, all have ended, or all are terminating."""
    failed = next((pod.trouble for pod in pods if pod.phase == "Failed"), "")
    if failed:
        return Failure(Reason.NOT_READY, f"no pod runs: {failed}")
    ended = sum(pod.phase == "Succeeded" for pod in pods)
    if ended:
        return Failure(Reason.NOT_READY, f"no pod runs, {ended} have completed")
    return Failure(Reason.ABSENT, printable(f"there is no pod {spec.pods} in namespace {spec.namespace}", 500))


def _notes(workload: Workload | None, desired: int, ready: int, why: str) -> Iterator[str]:
    if workload is not None and desired == 0:
        yield "scaled to zero"
    if 0 <= ready < desired:
        yield f"{ready} of {desired} ready{why}"
    if workload is not None and workload.rolling:
        yield workload.rolling
    if workload is not None and workload.paused:
        yield "its rollout is paused"


__all__ = ["KIND", "KubernetesProbe", "KubernetesSpec", "WorkloadReading", "status_message"]

KIND = Kind("kubernetes", KubernetesSpec, KubernetesProbe)
