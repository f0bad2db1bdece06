"""The kind docker: the state of one container, or of all containers of a compose service."""

from __future__ import annotations

import errno
import io
import re
import ssl
import time
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from artisan_tui.domain.probe_result import Failure, ProbeResult
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.span import span_text
from artisan_tui.domain.text.printable import printable
from artisan_tui.sources.blocking import Blocking, StillBlocked
from artisan_tui.sources.capped import NotEncoded, TooLarge, read_capped
from artisan_tui.sources.checks.docker.containers import Container, is_meant
from artisan_tui.sources.checks.docker.spec import MOST, SOCKET, DockerSpec
from artisan_tui.sources.errors import errno_of, explain
from artisan_tui.sources.installed import missing
from artisan_tui.sources.kind import Kind
from artisan_tui.sources.restarts import Restarts

if TYPE_CHECKING:
    import docker
    import requests

    from artisan_tui.sources.probe_context import ProbeContext

#: Bytes of one response that are read at most.
LARGEST = 8 * 1024**2
#: Any version that the package accepts: the first request asks for the daemon's version.
_ANY_VERSION = "1.41"
#: What a daemon says about a name that no container has. "Multiple IDs" begin with it.
_ABSENT = re.compile(r"no such container|multiple ids found", re.IGNORECASE)
_PROJECT, _SERVICE = "com.docker.compose.project", "com.docker.compose.service"


class DockerProbe:
    """Reads the state of containers from a Docker daemon."""

    def __init__(self, spec: DockerSpec, probe_context: ProbeContext) -> None:
        self._spec = spec
        self._work = Blocking(f"docker {spec.id}")
        self._restarts = Restarts(spec.restarts_within)
        self._version = ""
        where = "" if spec.host == SOCKET else f"-H {spec.host} "
        self._query = f"docker {where}inspect {spec.container}"
        if spec.container is None:
            filters = (
                f"--filter label={_PROJECT}={spec.compose_project} --filter label={_SERVICE}={spec.compose_service}"
            )
            self._query = f"docker {where}ps -a {filters}"

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
        return self._result(*seen)

    async def aclose(self) -> None:
        """Nothing stays open between probes."""

    def _timed_out(self) -> Failure:
        detail = f"the Docker daemon at {self._spec.host} did not respond within {span_text(self._spec.timeout)}"
        return Failure(Reason.TIMEOUT, detail, blind=True)

    def _read(self, deadline: float) -> tuple[list[Container], float] | Failure:
        """(the containers, seconds), or a failure. Runs in a thread, because the package blocks."""
        try:
            import docker.errors
        except ImportError:
            return missing("docker")
        try:
            began = time.monotonic()
            documents = self._ask(deadline)
            took = time.monotonic() - began
            return [Container.read(doc) for doc in documents], took
        except docker.errors.APIError as error:
            return self._refused(error)
        except (docker.errors.DockerException, KeyError, TypeError, AttributeError, ValueError) as error:
            # an unusable certificate, or an invalid host name
            if isinstance(error, ssl.SSLError) or type(error) is UnicodeError:
                return self._unreachable(error)
            what = f"the server at {self._spec.host} is not a supported Docker daemon"
            return Failure(Reason.PROTOCOL, f"{what} ({type(error).__name__})", blind=True)
        except Exception as error:  # noqa: BLE001 - whatever the daemon does is a failed probe
            return self._unreachable(error)

    def _ask(self, deadline: float) -> list[Mapping[str, Any]]:
        spec = self._spec
        if not self._version:
            api = self._client(_ANY_VERSION, deadline)
            try:
                self._version = str(api.version(api_version=False)["ApiVersion"])
            finally:
                api.close()
        api = self._client(self._version, deadline)
        try:
            if spec.container is not None:
                found = self._inspected(api, [spec.container], deadline)
                return [each for each in found if is_meant(spec.container, each)]
            wanted = {_PROJECT: spec.compose_project, _SERVICE: spec.compose_service}
            listed = api.containers(all=True, filters={"label": [f"{key}={value}" for key, value in wanted.items()]})
            # `docker compose run` leaves containers with the service's labels that do not belong to the service.
            ours = [
                each["Id"]
                for each in listed
                if each["Labels"].get("com.docker.compose.oneoff") != "True"
                and all(each["Labels"].get(key) == value for key, value in wanted.items())
            ]
            found = self._inspected(api, ours[:MOST], deadline)
            return [each for each in found if each["Id"] in ours]
        finally:
            api.close()

    def _inspected(self, api: docker.APIClient, ids: Sequence[str], deadline: float) -> Iterator[Mapping[str, Any]]:
        import docker.errors

        for each in ids:
            api.timeout = deadline - time.monotonic()
            if api.timeout <= 0:
                raise TimeoutError
            try:
                yield api.inspect_container(each)
            except docker.errors.APIError as error:
                if not _ABSENT.search(str(error.explanation)):
                    raise

    def _client(self, version: str, deadline: float) -> docker.APIClient:
        """A client without proxies, netrc or redirects. Sends no request."""
        import docker
        import urllib3
        from requests.adapters import HTTPAdapter

        from artisan_tui.sources.dial import POOLS

        spec, tls = self._spec, False
        if not spec.verify:  # this is set in the configuration; a warning per probe would overwrite the screen
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        if spec.tls:
            ours = (spec.cert_file, spec.key_file) if spec.cert_file else None
            trusted = spec.ca_file or ssl.get_default_verify_paths().cafile
            tls = docker.tls.TLSConfig(client_cert=ours, ca_cert=trusted, verify=spec.verify)
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        api = docker.APIClient(base_url=spec.host, version=version, timeout=left, tls=tls)
        for adapter in api.adapters.values():
            if isinstance(adapter, HTTPAdapter) and spec.host.startswith("tcp:"):
                adapter.poolmanager.pool_classes_by_scheme = POOLS
        api.trust_env = False
        api.hooks["response"] = [partial(_cap, deadline)]
        return api

    def _refused(self, error: docker.errors.APIError) -> Failure:
        status, said = error.response.status_code, printable(str(error.explanation or ""), 300)
        self._version = ""  # the daemon refuses this version after an upgrade or downgrade
        reasons = {400: Reason.QUERY, 401: Reason.AUTH, 403: Reason.DENIED, 503: Reason.REJECTED}
        reason = reasons.get(status, Reason.PROTOCOL if status < 500 else Reason.STATUS)
        return Failure(reason, f"the Docker daemon answered {status}: {said or 'nothing more'}", blind=True)

    def _unreachable(self, error: BaseException) -> Failure:
        """Blind: without the daemon the container's state is unknown."""
        host, (reason, why) = self._spec.host, explain(error)
        number = errno_of(error)
        if isinstance(error, TooLarge | NotEncoded):
            reason = Reason.TOO_LARGE if isinstance(error, TooLarge) else Reason.ENCODING
            return Failure(reason, f"invalid response of the Docker daemon at {host}: {error}", blind=True)
        if reason is Reason.TIMEOUT:
            return self._timed_out()
        if number in {errno.ENOENT, errno.ENOTDIR}:
            why = "there is no such socket: is Docker installed, running, and its socket elsewhere (host = …)?"
            return Failure(Reason.UNREACHABLE, f"{host}: {why}", blind=True)
        if number in {errno.EACCES, errno.EPERM} and host.startswith("unix:"):
            why = "no permission for this socket: add this user to the docker group, or set another host"
            return Failure(Reason.DENIED, f"{host}: {why}", blind=True)
        if reason is Reason.REFUSED:
            why = "connection refused: is Docker running (systemctl status docker)?"
        return Failure(reason, f"{host}: {why}", blind=True)

    def _result(self, found: list[Container], took: float) -> ProbeResult:
        spec, now = self._spec, time.time()
        if not found:
            what = f"container {spec.container}" if spec.container else f"container of compose service {spec.target}"
            return ProbeResult(Failure(Reason.ABSENT, f"there is no {what}"), query=self._query)
        recent = self._restarts.count({str(c.body["id"]): c.starts for c in found}, now)
        counts = [recent[str(c.body["id"])] for c in found]
        failures = [c.failure(n, spec.restarts, spec.restarts_within, now) for c, n in zip(found, counts, strict=True)]
        bad = [each for each in failures if each is not None]
        good, needed = len(found) - len(bad), spec.at_least or len(found)
        running = sum(c.state == "running" for c in found)
        failure, notes = None, [each.detail for each in bad]
        if good < needed:
            first = bad[0] if bad else Failure(Reason.ABSENT, "it has no more containers")
            counted = "" if spec.container else f"{good} of {needed} are healthy: "
            failure = Failure(first.reason, f"{counted}{first.detail}")
        for each, n in zip(found, counts, strict=True):
            notes += each.notes(n, spec.restarts, spec.restarts_within)
        listed = [{**c.body, "restarts_lately": n} for c, n in zip(found, counts, strict=True)]
        answers: dict[str, object] = {"value": running, "body": listed[0] if spec.container else _summary(listed)}
        return ProbeResult(
            failure,
            latency=Decimal(str(round(took, 6))),
            answers=answers,
            started_by_hand=self._restarts.by_hand,
            excerpt="\n".join(f"{c.name} {c.state} {c.health}\n{c.log}".strip() for c in found)[:4096],
            notes=tuple(dict.fromkeys(notes)),
            query=self._query,
        )


def _summary(listed: list[dict[str, object]]) -> dict[str, object]:
    states = [each["state"] for each in listed]
    return {
        "containers": listed,
        "total": len(listed),
        "running": states.count("running"),
        "unhealthy": sum(each["health"] == "unhealthy" for each in listed),
    }


def _cap(deadline: float, response: requests.Response, **_: object) -> None:
    """A response hook that reads the body with a limit. The package would read it without one."""
    import docker.errors
    import urllib3

    if response.is_redirect:
        raise docker.errors.DockerException("redirected")
    body = read_capped(response.raw, LARGEST, deadline)
    response.raw = urllib3.HTTPResponse(io.BytesIO(body), preload_content=False)


__all__ = ["KIND", "LARGEST", "DockerProbe", "DockerSpec"]

KIND = Kind("docker", DockerSpec, DockerProbe)
