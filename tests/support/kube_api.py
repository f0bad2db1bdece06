"""A stand-in Kubernetes API server on loopback, with the real one's shapes: kubectl and the official client work on it.

Reads, lists by page, watches, changes (POST PUT PATCH DELETE), the scale subresource, logs, bearer tokens,
TLS; and faults to order. What it has no idea of: OpenAPI, server-side apply, admission, RBAC beyond `forbid`.
kubectl sends no token over plain http: give it `tls`, or a server without a token.
"""

from __future__ import annotations

import contextlib
import http.server
import re
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from support.kube_cluster import Cluster
from support.kube_objects import Object
from support.kube_server import Handler


@dataclass
class Fault:
    """``kind``: hang (say nothing), trickle (headers that never end), close (before any answer), cut (in the middle
    of the body), lost (carried out and never answered), garbage (200 and no JSON), flood (a body that never ends), or a status code.

    ``path`` is a pattern searched in "METHOD path?query"; ``times`` how often it strikes, None for always.
    """

    kind: str | int
    path: str = ""
    times: int | None = None


@dataclass
class KubeApi:
    """``requests`` are "METHOD path?query", in order."""

    cluster: Cluster
    url: str
    token: str
    ca: Path | None
    requests: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    forbidden: set[tuple[str, str]] = field(default_factory=set)
    watches: set[socket.socket] = field(default_factory=set)
    over: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def fail(self, kind: str | int, path: str = "", times: int | None = None) -> None:
        self.faults.append(Fault(kind, path, times))

    def heal(self) -> None:
        self.faults.clear()
        self.forbidden.clear()

    def forbid(self, verb: str, resource: str) -> None:
        """As RBAC would: 403 for get list watch create update patch delete of a resource."""
        self.forbidden.add((verb, resource))

    def drop_watches(self) -> None:
        """Close every watch under way without a goodbye, as a load balancer does."""
        for each in list(self.watches):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def strikes(self, target: str) -> Fault | None:
        with self.lock:
            for fault in self.faults:
                if re.search(fault.path, target) and fault.times != 0:
                    fault.times = None if fault.times is None else fault.times - 1
                    return fault
        return None

    def kubeconfig(self, path: Path, *, namespace: str = "artisan", user: Object | None = None) -> Path:
        """Write one with a single context, ``artisan``. ``user`` instead of the token, such as an exec plugin."""
        cluster: Object = {"server": self.url}
        if self.ca is not None:
            cluster["certificate-authority"] = str(self.ca)
        context = {"cluster": "stand-in", "user": "oncall", "namespace": namespace}
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "artisan",
            "clusters": [{"name": "stand-in", "cluster": cluster}],
            "contexts": [{"name": "artisan", "context": context}],
            "users": [{"name": "oncall", "user": user if user is not None else {"token": self.token}}],
        }
        path.write_text(yaml.safe_dump(config), "utf-8")
        path.chmod(0o600)
        return path


@contextlib.contextmanager
def kube_api(*, token: str = "let-me-in", tls: tuple[Path, Path] | None = None) -> Iterator[KubeApi]:
    """``tls`` is (certificate, key); an empty ``token`` lets everybody in. Nothing is in the cluster but the namespaces default and artisan."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    scheme = "https" if tls is not None else "http"
    if tls is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*tls)
        # The handshake happens in the request's thread: one that hangs must not hold up the others.
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    cluster = Cluster()
    for name in ("default", "artisan"):
        cluster.put("namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    api = KubeApi(cluster, f"{scheme}://127.0.0.1:{server.server_address[1]}", token, tls[0] if tls else None)
    server.api = api  # type: ignore[attr-defined]  # how handlers reach it
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield api
    finally:
        api.over.set()
        with cluster.changed:
            cluster.changed.notify_all()
        server.shutdown()
        server.server_close()
        thread.join()
