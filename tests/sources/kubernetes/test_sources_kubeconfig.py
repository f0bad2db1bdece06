"""How the kubernetes kind gets in: kubeconfigs, service accounts, credential plugins."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from support.kube_api import KubeApi
from support.kube_objects import Object, stamp
from support.kube_probing import watching
from support.probing import run_probe
from support.servers import until


async def test_where_the_kubeconfig_is(
    api: KubeApi, config: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = {"deployment": "api", "namespace": "artisan", "timeout": "5s"}
    assert (await run_probe("kubernetes", environ={"KUBECONFIG": config}, **keys))[1].verdict is State.UP
    _, outcome = await run_probe("kubernetes", environ={"HOME": str(tmp_path)}, **keys)
    assert (outcome.verdict, outcome.reason) == (State.UNKNOWN, Reason.INTERNAL)
    assert "there is no kubeconfig at" in outcome.detail
    (tmp_path / ".kube").mkdir()
    api.kubeconfig(tmp_path / ".kube" / "config")
    assert (await run_probe("kubernetes", environ={"HOME": str(tmp_path)}, **keys))[1].verdict is State.UP
    _, outcome = await run_probe("kubernetes", kubeconfig=config, context="other", **keys)
    assert "Expected object with name other" in outcome.detail


async def test_a_pod_s_own_account(
    api: KubeApi, pair: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from artisan_tui.sources.checks.kubernetes import access

    monkeypatch.setattr(access, "ACCOUNT", tmp_path)
    (tmp_path / "token").write_text(api.token)
    (tmp_path / "ca.crt").write_bytes(pair[0].read_bytes())
    host, _, port = api.url.removeprefix("https://").partition(":")
    environ = {"KUBERNETES_SERVICE_HOST": host, "KUBERNETES_SERVICE_PORT": port, "HOME": str(tmp_path)}
    _, outcome = await run_probe("kubernetes", environ=environ, deployment="api", namespace="artisan", timeout="5s")
    assert outcome.verdict is State.UP, outcome


CONTEXT = "current-context: a\ncontexts: [{name: a, context: {cluster: c, user: u}}]\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "cannot be"),
        ("[1, 2", "is not YAML at line 1"),
        ("users: {{{", "is not YAML at line 1"),
        ("users: hunter2", "cannot be"),
        ("current-context: a\nusers: [{name: u, user: {token: hunter2}}]\ncontexts: [{name: b}]", "Expected"),
        (f"{CONTEXT}clusters: [{{name: c, cluster: {{}}}}]\nusers: []", "names no server"),
        (f"{CONTEXT}clusters: [{{name: c, cluster: {{server: 'http://h:1'}}}}]\nusers: [hunter2]", "cannot be"),
        (
            f"{CONTEXT}clusters: [{{name: c, cluster: {{server: 'http://h:1'}}}}]\nusers: [{{name: u, token: hunter2}}]",
            "key user",
        ),
        (
            f"{CONTEXT}clusters: [{{name: d, cluster: {{}}}}]\nusers: [{{name: u, user: {{token: hunter2}}}}]",
            "Expected",
        ),
    ],
)
async def test_kubeconfigs_that_are_none(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "config"
    path.write_text(text)
    seen, outcome = await run_probe("kubernetes", deployment="api", kubeconfig=str(path), timeout="5s")
    assert outcome.verdict is State.UNKNOWN
    assert said in outcome.detail
    assert "hunter2" not in repr(seen), "the client's own error texts quote the token"


def plugin(tmp_path: Path, script: str) -> Object:
    program = tmp_path / "plugin"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o700)
    env = [{"name": "FLAVOUR", "value": "plum"}]
    return {
        "exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "./plugin", "args": ["a b"], "env": env}
    }


def credential(**status: str) -> str:
    made = {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": status}
    return f"cat <<'X'\n{json.dumps(made)}\nX"


@contextlib.contextmanager
def typing(text: bytes) -> Iterator[None]:
    """``text`` on this process' own standard input."""
    kept, (ours, theirs) = os.dup(0), os.pipe()
    os.write(theirs, text)
    os.close(theirs)
    os.dup2(ours, 0)
    os.close(ours)
    try:
        yield
    finally:
        os.dup2(kept, 0)
        os.close(kept)


async def test_a_credential_plugin(api: KubeApi, tmp_path: Path) -> None:
    log = tmp_path / "log"
    script = f'echo "$1 $FLAVOUR $KUBERNETES_EXEC_INFO $(cat)" >> {log}\n' + credential(token=api.token)
    path = api.kubeconfig(tmp_path / "config", user=plugin(tmp_path, script))
    before = path.read_bytes()
    async with watching(str(path)) as once:
        with typing(b"what the operator types"):
            assert (await once())[1].verdict is State.UP
        assert (await once())[1].verdict is State.UP
        line = log.read_text()
        assert line.count("\n") == 1, "its credential is kept"
        assert line.startswith("a b plum {")
        assert '"interactive": false' in line
        assert "operator" not in line
        api.token = "another"
        plugin(tmp_path, credential(token="another"))
        assert (await once())[1].verdict is State.UP, "a 401 asks it anew"
    assert path.read_bytes() == before


async def test_a_plugin_s_credential_ends(api: KubeApi, tmp_path: Path) -> None:
    log = tmp_path / "log"
    script = f"echo x >> {log}\n" + credential(token=api.token, expirationTimestamp=stamp(-10))
    path = api.kubeconfig(tmp_path / "config", user=plugin(tmp_path, script))
    async with watching(str(path)) as once:
        assert [(await once())[1].verdict for _ in range(2)] == [State.UP] * 2
    assert log.read_text().count("x") == 2


@pytest.mark.parametrize(
    ("script", "reason", "said"),
    [
        ("echo first >&2; echo 'session \x1b[1mexpired: sign in' >&2; exit 3", Reason.AUTH, "session expired: sign in"),
        ("exit 3", Reason.AUTH, "it says nothing"),
        ("echo no json", Reason.AUTH, "printed no credential"),
        (credential(), Reason.AUTH, "printed no credential"),
        ("rm -f plugin; exec ./plugin", Reason.AUTH, "failed"),
    ],
)
async def test_plugins_that_fail(
    api: KubeApi,
    tmp_path: Path,
    script: str,
    reason: Reason,
    said: str,
    capfd: pytest.CaptureFixture[str],
) -> None:
    handlers = list(logging.getLogger().handlers)
    path = api.kubeconfig(tmp_path / "config", user=plugin(tmp_path, script))
    _, outcome = await run_probe("kubernetes", deployment="api", kubeconfig=str(path), timeout="5s")
    assert (outcome.verdict, outcome.reason) == (State.UNKNOWN, reason)
    assert said in outcome.detail
    assert outcome.detail.isprintable()
    assert capfd.readouterr() == ("", ""), "nothing is written over the screen"
    assert logging.getLogger().handlers == handlers
    assert api.requests == []


async def test_a_plugin_that_is_not_there(api: KubeApi, tmp_path: Path) -> None:
    user = plugin(tmp_path, "")
    user["exec"]["command"] = "no-such-plugin"
    path = api.kubeconfig(tmp_path / "config", user=user)
    _, outcome = await run_probe("kubernetes", deployment="api", kubeconfig=str(path), timeout="5s")
    assert outcome.reason is Reason.NOT_INSTALLED
    assert "no-such-plugin" in outcome.detail


async def test_a_plugin_that_hangs_is_ended_with_its_children(api: KubeApi, tmp_path: Path) -> None:
    await run_probe("kubernetes", deployment="api", kubeconfig=str(api.kubeconfig(tmp_path / "plain")), timeout="5s")
    mark = tmp_path / "pid"
    path = api.kubeconfig(tmp_path / "config", user=plugin(tmp_path, f"sleep 300 & echo $! > {mark}; wait"))
    _, outcome = await run_probe("kubernetes", deployment="api", kubeconfig=str(path), timeout="500ms")
    assert (outcome.verdict, outcome.reason) == (State.UNKNOWN, Reason.TIMEOUT)
    assert "credential plugin" in outcome.detail

    def ended() -> bool:
        try:
            return Path(f"/proc/{mark.read_text().strip()}/stat").read_text().split()[2] == "Z"
        except OSError:
            return True

    await asyncio.to_thread(until, ended)


async def test_a_plugin_s_certificate(api: KubeApi, pair: tuple[Path, Path], tmp_path: Path) -> None:
    cert, key = (each.read_text() for each in pair)
    script = credential(clientCertificateData=cert, clientKeyData=key)
    path = api.kubeconfig(tmp_path / "config", user=plugin(tmp_path, script))
    _, outcome = await run_probe("kubernetes", deployment="api", kubeconfig=str(path), timeout="5s")
    assert outcome.reason is Reason.AUTH, "the stand-in wants a token, and said so over a working connection"
    user = {"token": api.token, "client-certificate-data": base64.b64encode(cert.encode()).decode()}
    path = api.kubeconfig(tmp_path / "config", user={**user, "client-key-data": base64.b64encode(b"no key").decode()})
    _, outcome = await run_probe("kubernetes", deployment="api", kubeconfig=str(path), timeout="5s")
    assert outcome.verdict is State.UNKNOWN


async def test_a_kubeconfig_that_changes_is_read_anew(api: KubeApi, tmp_path: Path) -> None:
    path = api.kubeconfig(tmp_path / "config")
    async with watching(str(path)) as once:
        assert (await once())[1].verdict is State.UP
        api.kubeconfig(path, user={"token": "no longer"})
        assert (await once())[1].reason is Reason.AUTH
        api.kubeconfig(path)
        assert (await once())[1].verdict is State.UP
