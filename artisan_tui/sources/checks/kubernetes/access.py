"""Build the client's configuration from a kubeconfig, or from a pod's service account.

The official client parses the files. This module adds what it does not guarantee: a kubeconfig is never written, a
credential plugin gets no terminal and no more time than the probe has, and the client's error messages are not shown,
because they quote the user's entry with its token.

Importing this module takes 200 ms: do it in the probe's thread.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import urllib3
from kubernetes.client import Configuration
from kubernetes.config import ConfigException, load_kube_config_from_dict
from kubernetes.config.incluster_config import InClusterConfigLoader
from kubernetes.config.kube_config import KubeConfigMerger
from yaml import YAMLError

from artisan_tui.domain.reason import Reason
from artisan_tui.domain.text.printable import printable
from artisan_tui.sources.file_stamp import Stamp, stamps_of
from artisan_tui.sources.restarts import moment

#: The directory of a pod's credentials.
ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
#: Bytes of a kubeconfig. The path may point to another, large file by mistake.
_LARGEST = 4 * 1024**2
#: Seconds before its expiry from which a plugin's credential is not used.
_EXPIRY_MARGIN = 30.0


class NoAccess(Exception):
    """The API server cannot be called. The message is printable and contains no secret."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason, self.detail = reason, detail


class PluginProcess:
    """The credential plugin that runs, so that another thread can end it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._ended = False

    def start(self, argv: Sequence[str], cwd: str | None, environ: Mapping[str, str]) -> subprocess.Popen[bytes]:
        """Start it. Raises OSError, and TimeoutError after `end`."""
        with self._lock:
            if self._ended:
                raise TimeoutError
            self._process = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=cwd,
                env=environ,
                start_new_session=True,
            )
            return self._process

    def reap(self) -> None:
        """End the process and its child processes if it still runs, and wait for it."""
        with self._lock:
            process, self._process = self._process, None
            if process is None:
                return
            if process.poll() is None:
                _kill_group(process)
                process.wait()
        for pipe in (process.stdout, process.stderr):
            assert pipe is not None
            pipe.close()

    def end(self) -> None:
        """Kill the process for good. The thread that waits for it reaps it."""
        with self._lock:
            self._ended = True
            if self._process is not None and self._process.returncode is None:
                _kill_group(self._process)


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


@dataclass(frozen=True, slots=True)
class ClusterContext:
    """The kubeconfig and the context in it. None means kubectl's default."""

    kubeconfig: str | None
    context: str | None
    environ: Mapping[str, str]
    plugin: PluginProcess = field(default_factory=PluginProcess)

    def files(self) -> list[str]:
        """The kubeconfig files; empty if the pod's service account is used."""
        named = self.kubeconfig or self.environ.get("KUBECONFIG")
        if named:
            return [os.path.expanduser(name) for name in named.split(os.pathsep) if name]
        default = os.path.join(self.environ.get("HOME") or os.path.expanduser("~"), ".kube", "config")
        in_pod = not os.path.exists(default) and (ACCOUNT / "token").exists()
        return [] if in_pod else [default]


@dataclass(frozen=True, slots=True)
class Access:
    """A configuration that is valid until ``expires`` (Unix seconds, or None), or until its files change."""

    configuration: Configuration
    expires: float | None
    files: Sequence[str]
    stamps: tuple[Stamp, ...]

    def is_good(self, now: float) -> bool:
        """Whether it is still valid at ``now`` (Unix seconds)."""
        return (self.expires is None or now < self.expires - _EXPIRY_MARGIN) and self.stamps == stamps_of(self.files)


def find(place: ClusterContext, deadline: float) -> Access:
    """Read the configuration. Blocks for files and plugins until ``deadline`` (monotonic). Raises NoAccess or
    TimeoutError.
    """
    configuration, files = Configuration(), place.files()
    # No retries: the scheduler repeats the probe, and errors must arrive at once and unchanged.
    configuration.retries = False
    # insecure-skip-tls-verify is set in the kubeconfig; a warning per probe would overwrite the screen.
    urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    expires, used = None, list(files)
    stamps = stamps_of(used)
    try:
        if files:
            expires, referenced = _from_files(configuration, files, place, deadline)
            used += (name for name, _ in referenced)
            stamps += tuple(stamp for _, stamp in referenced)
        else:
            token, ca = str(ACCOUNT / "token"), str(ACCOUNT / "ca.crt")
            used = [token, ca]
            stamps = stamps_of(used)
            loader: Any = InClusterConfigLoader
            loader(token, ca, environ=place.environ).load_and_set(configuration)
    except ConfigException as error:
        lacking = re.match(r"Invalid kube-config file\. (Expected (?:key|object with name) \S{1,100})", str(error))
        why = f": {printable(lacking[1], 200)}" if lacking else ", see kubectl config view"
        raise NoAccess(Reason.INTERNAL, f"{_named(files)} cannot be used{why}") from None
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}" if mark is not None else ""
        raise NoAccess(Reason.INTERNAL, f"{_named(files)} is not YAML{where}") from None
    except TimeoutError:
        raise
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else "not what kubectl writes"
        raise NoAccess(Reason.INTERNAL, f"{_named(files)} cannot be read: {why}") from None
    return Access(configuration, expires, used, stamps)


def _named(files: Sequence[str]) -> str:
    return f"the kubeconfig {printable(':'.join(files), 200)}" if files else "the pod's service account"


def _from_files(
    configuration: Configuration, files: Sequence[str], place: ClusterContext, deadline: float
) -> tuple[float | None, list[tuple[str, Stamp]]]:
    """(the expiry of the credential in Unix seconds or None, the files that the kubeconfig refers to)."""
    sizes = [about[2] for about in stamps_of(files) if about is not None]
    if not sizes:
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            os.stat(files[0])  # raises PermissionError if the file may exist but cannot be seen
        mend = "write kubeconfig = …, or set KUBECONFIG"
        raise NoAccess(Reason.INTERNAL, f"there is no kubeconfig at {printable(':'.join(files), 200)}: {mend}")
    if max(sizes) > _LARGEST:
        raise NoAccess(Reason.INTERNAL, f"{_named(files)} is too large for a kubeconfig")
    merger: Any = KubeConfigMerger
    merged = merger(os.pathsep.join(files)).config
    chosen = merged["contexts"].get_with_name(place.context or merged["current-context"])["context"]
    cluster = merged["clusters"].get_with_name(chosen["cluster"])
    scheme, colon, rest = str(cluster["cluster"].safe_get("server")).partition("://")
    if scheme.lower() not in ("https", "http") or not colon:
        # Without a server the client would connect to localhost.
        raise NoAccess(Reason.INTERNAL, f"{_named(files)} names no server for its cluster")
    # The client reads no CA unless the scheme is in lower case.
    cluster.value["cluster"]["server"] = f"{scheme.lower()}://{rest}"
    user = chosen.safe_get("user")
    entry = merged["users"].get_with_name(user, safe=True) if user and merged.safe_get("users") else None
    values = entry.value.get("user") or {} if entry is not None else {}
    if (values.get("auth-provider") or {}).get("name") == "gcp":
        mend = "write it anew with gke-gcloud-auth-plugin"
        raise NoAccess(Reason.AUTH, f"{_named(files)} uses an auth provider removed in kubectl 1.26: {mend}")
    expires = None
    if "exec" in values and not values.get("token"):
        status = _credential_from_plugin(values.pop("exec"), cluster, place, deadline)
        expires = moment(status.get("expirationTimestamp"))
        if status.get("token"):
            values["token"] = str(status["token"])
        for key, given in (("client-certificate-data", "clientCertificateData"), ("client-key-data", "clientKeyData")):
            if status.get(given):
                values[key] = base64.b64encode(str(status[given]).encode()).decode()
    referenced = _referenced(cluster, entry)
    found = list(zip(referenced, stamps_of(referenced), strict=True))
    # The client writes refreshed tokens into the files it reads. It cannot do so with a dict.
    load: Any = load_kube_config_from_dict
    load(merged, place.context, configuration)
    return expires, found


def _referenced(cluster: Any, user: Any) -> list[str]:
    """The files of certificates and tokens that the entries name, relative to their kubeconfig."""
    named = [(cluster, cluster.value.get("cluster"), "certificate-authority")]
    if user is not None:
        keys = ("client-certificate", "client-key", "tokenFile")
        named += [(user, user.value.get("user") or {}, key) for key in keys]
    return [
        os.path.join(os.path.dirname(os.path.abspath(node.path or "")), str(entry[key]))
        for node, entry, key in named
        if entry.get(key)
    ]


def _credential_from_plugin(
    wanted: Mapping[str, Any], cluster: Any, place: ClusterContext, deadline: float
) -> Mapping[str, Any]:
    """The ``status`` of the ExecCredential that a plugin prints (client.authentication.k8s.io)."""
    name = printable(str(wanted["command"]), 100)
    told: dict[str, Any] = {"interactive": False}
    if wanted.get("provideClusterInfo"):
        told["cluster"] = cluster.value["cluster"]
    info = {"apiVersion": wanted["apiVersion"], "kind": "ExecCredential", "spec": told}
    added = {str(each["name"]): str(each["value"]) for each in wanted.get("env") or ()}
    argv = [str(wanted["command"]), *(str(each) for each in wanted.get("args") or ())]
    cwd = os.path.dirname(os.path.abspath(cluster.path)) if cluster.path else None
    env = {**place.environ, **added, "KUBERNETES_EXEC_INFO": json.dumps(info)}
    try:
        process = place.plugin.start(argv, cwd, env)
    except FileNotFoundError:
        raise NoAccess(Reason.NOT_INSTALLED, f"the kubeconfig's credential plugin {name} is not installed") from None
    except PermissionError:
        mend = "chmod +x, or mend its `command`"
        raise NoAccess(
            Reason.DENIED, f"the kubeconfig's credential plugin {name} may not be executed: {mend}"
        ) from None
    try:
        said, complained = process.communicate(timeout=max(deadline - time.monotonic(), 0))
    except subprocess.TimeoutExpired:
        raise TimeoutError from None
    finally:
        place.plugin.reap()
    if process.returncode != 0:
        last = printable((complained.strip().splitlines() or [b"it says nothing"])[-1], 200)
        raise NoAccess(Reason.AUTH, f"the kubeconfig's credential plugin {name} failed: {last}")
    try:
        status = json.loads(said)["status"]
        if status.get("token") or (status.get("clientCertificateData") and status.get("clientKeyData")):
            return dict(status)
    except (ValueError, KeyError, TypeError, AttributeError):
        pass
    raise NoAccess(Reason.AUTH, f"the kubeconfig's credential plugin {name} printed no credential")
