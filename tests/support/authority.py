"""A certificate authority of the openssl program, for servers and clients of tests."""

from __future__ import annotations

import ssl
import subprocess
from pathlib import Path

from support.servers import require


class Authority:
    """An authority with its files in ``folder``. ``cert`` is its own certificate."""

    def __init__(self, folder: Path, name: str = "ca") -> None:
        self._openssl, self._folder, self._name = require("openssl"), folder, name
        self.cert, self._key = folder / f"{name}.pem", folder / f"{name}.key"
        self._run("req", "-x509", "-days", "30", "-subj", f"/CN={name}", *self._new(self._key), "-out", self.cert)

    def issue(self, name: str = "localhost", suffix: str = "") -> tuple[Path, Path]:
        """(certificate, key) for ``name``, localhost and 127.0.0.1; good for servers and clients."""
        stem = self._folder / f"{self._name}-{name}{suffix}"
        cert, key, request = (stem.with_name(f"{stem.name}.{end}") for end in ("pem", "key", "csr"))
        self._run("req", "-subj", f"/CN={name}", *self._new(key), "-out", request)
        names = stem.with_name(f"{stem.name}.ext")
        names.write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
        signed = ("-CA", self.cert, "-CAkey", self._key, "-CAcreateserial", "-days", "20", "-extfile", names)
        self._run("x509", "-req", "-in", request, *signed, "-out", cert)
        return cert, key

    def server(self, *, clients: Authority | None = None) -> ssl.SSLContext:
        """A server's context; with ``clients`` it requires a client certificate of that authority."""
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(*self.issue())
        if clients is not None:
            tls.load_verify_locations(clients.cert)
            tls.verify_mode = ssl.CERT_REQUIRED
        return tls

    def _new(self, key: Path) -> tuple[str | Path, ...]:
        return "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key

    def _run(self, *args: str | Path) -> None:
        subprocess.run([self._openssl, *args], check=True, capture_output=True)
