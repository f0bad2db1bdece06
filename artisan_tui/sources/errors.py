"""Map exceptions of sockets, TLS and HTTP libraries to one reason and one printable sentence.

This is the only module that knows these exceptions. It compares class names, so it imports no library. It does not
repeat library messages: some quote request headers, which contain secrets.
"""

from __future__ import annotations

import errno
import os
import re
import socket
import ssl
from collections.abc import Iterator

from artisan_tui.config.secret import SecretMissing
from artisan_tui.domain.probe_result import Failure
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.text.printable import printable
from artisan_tui.sources.trust import Untrusted

_BY_ERRNO: dict[int, tuple[Reason, str]] = {
    errno.ECONNREFUSED: (Reason.REFUSED, "connection refused"),
    errno.ECONNRESET: (Reason.RESET, "connection reset by the peer"),
    errno.EPIPE: (Reason.RESET, "connection closed by the peer while sending"),
    errno.ECONNABORTED: (Reason.RESET, "connection aborted"),
    errno.EHOSTUNREACH: (Reason.UNREACHABLE, "no route to the host"),
    errno.ENETUNREACH: (Reason.UNREACHABLE, "no route to the network"),
    errno.EHOSTDOWN: (Reason.UNREACHABLE, "the host is down"),
    errno.ENETDOWN: (Reason.UNREACHABLE, "the network is down"),
    errno.EADDRNOTAVAIL: (Reason.UNREACHABLE, "no free local address or port"),
    errno.EAFNOSUPPORT: (Reason.UNREACHABLE, "address family not supported on this machine"),
    # Local permissions or a local firewall: the target was not reached, so its state is unknown.
    errno.EACCES: (Reason.INTERNAL, "this machine forbids the connection"),
    errno.EPERM: (Reason.INTERNAL, "this machine forbids the connection"),
    errno.ETIMEDOUT: (Reason.TIMEOUT, "connection timed out"),
    errno.EMFILE: (Reason.INTERNAL, "artisan-tui has too many files open: raise `ulimit -n`"),
    errno.ENFILE: (Reason.INTERNAL, "this machine has too many files open"),
    errno.ENOBUFS: (Reason.INTERNAL, "this machine has no network buffers left"),
    errno.ENOMEM: (Reason.INTERNAL, "this machine has no memory left"),
}
_DNS = {
    socket.EAI_AGAIN: "the name cannot be resolved: the name server does not answer",
    socket.EAI_NONAME: "the name is not known",
    socket.EAI_FAIL: "the name server refuses to resolve the name",
}
# The numbers are OpenSSL's X509_V_ERR_* codes.
_CERTIFICATE = {
    9: "the certificate is not valid yet",
    10: "the certificate has expired",
    18: "the certificate is self-signed",
    19: "the certificate chain ends in an untrusted self-signed certificate",
    20: "the certificate issuer is not trusted",
    21: "the certificate issuer is not trusted: the chain is incomplete",
    23: "the certificate has been revoked",
    62: "the certificate is for another host name",
    64: "the certificate is for another address",
}
_PROTOCOL = {
    "RemoteProtocolError": "",
    "RemoteDisconnected": "the connection was closed without a response",
    "BadStatusLine": "the response is not HTTP",
    "UnknownProtocol": "the response is not HTTP",
    "LineTooLong": "a response header is too long",
    "IncompleteRead": "the response was truncated",
    "InvalidChunkLength": "the response has invalid chunked encoding",
    "InvalidHeader": "the response has an invalid header",
    "HTTPException": "the response is not HTTP, or has too many headers",
    "EndOfStream": "the connection was closed mid-response",
    "IncompleteReadError": "the connection was closed mid-response",
}
_OURS = {
    "LocalProtocolError": "the configured request is invalid: the method or a header is not allowed in HTTP",
    "InvalidURL": "the URL cannot be used",
    "UnsupportedProtocol": "the URL is neither http:// nor https://",
}
#: The alerts by which a server says what is wrong with our certificate.
_REJECTED = re.compile(
    r"alert ((?:bad|unsupported) certificate|certificate (?:revoked|expired|unknown)|unknown ca|access denied)"
)
_BRACKETED = re.compile(r"\[Errno (-?\d+)\]")


def explain(error: BaseException) -> tuple[Reason, str]:
    """The reason and a sentence for ``error``. `Reason.INTERNAL` means the cause is on this side."""
    errors = list(_chain(error))
    for recognise in (_ours, _tls, _dns, _socket, _timeout, _protocol):
        for each in errors:
            found = recognise(each)
            if found is not None:
                return found
    return Reason.INTERNAL, f"internal error: {printable(type(error).__name__, 80)}"


def failure(error: BaseException) -> Failure:
    """The same as a `Failure`. It is blind for internal causes: they say nothing about the target."""
    reason, detail = explain(error)
    return Failure(reason, detail, blind=reason is Reason.INTERNAL)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """``error``, its causes and its arguments: libraries wrap exceptions several times."""
    waiting, seen = [error], set[int]()
    while waiting:
        each = waiting.pop(0)
        if id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        inner = [each.__cause__, None if each.__suppress_context__ else each.__context__]
        inner += [arg for arg in each.args if isinstance(arg, BaseException)]
        inner.append(getattr(each, "reason", None))
        if isinstance(each, BaseExceptionGroup):
            inner += each.exceptions
        waiting += [one for one in inner if isinstance(one, BaseException)]


def errno_of(error: BaseException) -> int | None:
    """The errno inside a wrapped exception; None if there is none."""
    waiting, seen = [error], set[int]()
    while waiting:
        each = waiting.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        if isinstance(each, OSError) and each.errno is not None:
            return each.errno
        waiting += [one for one in (each.__cause__, each.__context__, *each.args) if isinstance(one, BaseException)]
    return None


def _named(error: BaseException, names: dict[str, str]) -> str | None:
    for cls in type(error).__mro__:
        if cls.__name__ in names:
            return names[cls.__name__]
    return None


def _ours(error: BaseException) -> tuple[Reason, str] | None:
    if isinstance(error, SecretMissing | Untrusted):
        return Reason.INTERNAL, printable(str(error), 300)
    said = _named(error, _OURS)
    return (Reason.INTERNAL, said) if said else None


def _tls(error: BaseException) -> tuple[Reason, str] | None:
    if isinstance(error, ssl.SSLCertVerificationError):
        # Python sets these attributes only on errors that OpenSSL raises.
        code, words = getattr(error, "verify_code", 0), getattr(error, "verify_message", "no reason given")
        said = _CERTIFICATE.get(code) or f"certificate verification failed: {words}"
        return Reason.TLS, printable(said, 200)
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return Reason.TLS, "the connection was closed during the TLS handshake"
    if isinstance(error, ssl.SSLError):
        reason = str(getattr(error, "reason", None) or "").replace("_", " ").lower()
        if reason in {"wrong version number", "unknown protocol", "http request", "record layer failure"}:
            return Reason.TLS, "the server does not use TLS"
        if "certificate required" in reason:
            return Reason.TLS, "the server requires a client certificate: set cert_file and key_file"
        rejected = _REJECTED.search(reason)
        if rejected is not None:
            return Reason.TLS, f"the server rejects the client certificate: {rejected[1]}"
        return Reason.TLS, printable(f"TLS failed: {reason or 'no reason given'}", 200)
    return None


def _dns(error: BaseException) -> tuple[Reason, str] | None:
    if isinstance(error, socket.gaierror):
        return Reason.DNS, _DNS.get(error.errno or 0, "the name cannot be resolved")
    if type(error) is UnicodeError or type(error).__name__ == "NameResolutionError":
        return Reason.DNS, "the name cannot be resolved"
    return None


def _socket(error: BaseException) -> tuple[Reason, str] | None:
    # http.client derives this class from ConnectionResetError, but it means an orderly close without a response.
    if not isinstance(error, OSError) or type(error).__name__ == "RemoteDisconnected":
        return None
    if error.errno in _BY_ERRNO:
        return _BY_ERRNO[error.errno]
    # asyncio joins the errors of several addresses into one message.
    for number in _BRACKETED.findall(str(error)):
        if int(number) in _BY_ERRNO:
            return _BY_ERRNO[int(number)]
    # raised by asyncio without an errno
    if isinstance(error, ConnectionResetError | BrokenPipeError | ConnectionAbortedError):
        return _BY_ERRNO[errno.ECONNRESET]
    if error.errno is not None and not isinstance(error, TimeoutError):
        return Reason.UNREACHABLE, printable(f"the connection failed: {os.strerror(error.errno)}", 200)
    return None


def _timeout(error: BaseException) -> tuple[Reason, str] | None:
    names = {cls.__name__ for cls in type(error).__mro__}
    if names & {"TimeoutError", "TimeoutException", "Timeout", "ReadTimeoutError", "ConnectTimeoutError"}:
        return Reason.TIMEOUT, "timed out"
    return None


def _protocol(error: BaseException) -> tuple[Reason, str] | None:
    said = _named(error, _PROTOCOL)
    if said is None:
        return None
    if not said:  # h11's messages are short and quote only the peer
        text = str(error)
        if "without sending a response" in text:
            said = "the connection was closed without a response"
        elif "without sending complete" in text or "incomplete chunked read" in text:
            said = "the response was truncated"
        else:
            said = f"the response is not HTTP: {text}"
    return Reason.PROTOCOL, printable(said, 200)
