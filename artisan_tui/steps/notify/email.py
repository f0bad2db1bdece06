"""Mail: encrypted by STARTTLS or from the first byte, or not sent; one thread of mails for each incident.

aiosmtplib without `start_tls=True` would log in unencrypted where a server does not offer it. A refused recipient among
others raises nothing: the answers are read one by one. After DATA has begun, silence means possibly sent.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import re
import socket
import ssl
from collections.abc import Iterable, Sequence
from email.message import EmailMessage
from email.policy import SMTP as SMTP_LINES
from email.utils import format_datetime
from typing import TYPE_CHECKING

from artisan_tui.config.notify import EmailChannel
from artisan_tui.config.secret import SecretMissing
from artisan_tui.domain.notify.outcome import Came, SendOutcome
from artisan_tui.domain.text.printable import printable
from artisan_tui.steps.notify.channel import Dispatch, Reveal
from artisan_tui.steps.notify.text import body, cut, cut_note, subject

if TYPE_CHECKING:
    from aiosmtplib import SMTP

#: Seconds for each answer of the server, and for all of them: servers delay strangers on purpose.
ANSWER_WITHIN, PATIENCE = 20.0, 45.0
SUBJECT, TEXT = 200, 200_000
_ADDRESS = re.compile(r"[!-~]+@[!-~]+", re.ASCII)


class EmailSender:
    def __init__(
        self, spec: EmailChannel, reveal: Reveal, *, answer_within: float = ANSWER_WITHIN, patience: float = PATIENCE
    ) -> None:
        self._spec, self._reveal = spec, reveal
        self._answer_within, self._patience = answer_within, patience

    async def send(self, dispatch: Dispatch) -> SendOutcome:
        addresses = [each for each in dict.fromkeys(dispatch.addresses) if _ADDRESS.fullmatch(each)]
        if not addresses:
            return SendOutcome(Came.FAILED, "nobody to write to has an address")
        try:
            password = self._reveal("password") if self._spec.password is not None else ""
        except SecretMissing as missing:
            return SendOutcome(Came.FAILED, str(missing), broken=True)
        message, left_out = mail(self._spec, dispatch, addresses)
        return await _Delivery(self._spec, password, self._answer_within).deliver(
            message, addresses, left_out, self._patience
        )


class _Delivery:
    """One mail on one connection."""

    def __init__(self, spec: EmailChannel, password: str, answer_within: float) -> None:
        self._spec, self._password, self._answer_within = spec, password, answer_within
        self._name = printable(spec.server, 200)
        #: Whether the mail itself is on its way.
        self._begun = False

    async def deliver(
        self, message: EmailMessage, addresses: Sequence[str], left_out: int, patience: float
    ) -> SendOutcome:
        import aiosmtplib  # on first use

        host, port = self._spec.place
        client: SMTP | None = None
        try:
            async with asyncio.timeout(patience):
                client = aiosmtplib.SMTP(
                    hostname=host,
                    port=port,
                    timeout=self._answer_within,
                    use_tls=self._spec.tls,
                    start_tls=self._spec.starttls and not self._spec.tls,
                    tls_context=await self._context() if self._spec.encrypted else None,
                    local_hostname=_own_name(),
                )
                return await self._talk(client, message, addresses, left_out)
        except (aiosmtplib.SMTPException, OSError, TimeoutError, ValueError) as error:
            return self._failed(error)
        finally:
            if client is not None:
                client.close()

    async def _talk(self, client: SMTP, message: EmailMessage, addresses: Sequence[str], left_out: int) -> SendOutcome:
        import aiosmtplib

        await client.connect()
        if self._spec.user is not None:
            await client.login(self._spec.user, self._password)
        await client.mail(self._spec.sender)
        refused: dict[str, aiosmtplib.SMTPRecipientRefused] = {}
        for address in addresses:
            try:
                await client.rcpt(address)
            except aiosmtplib.SMTPRecipientRefused as error:
                refused[address] = error
        if len(refused) == len(addresses):
            first = next(iter(refused.values()))
            return SendOutcome(Came.FAILED, f"{self._name} refused {_named(refused)}: {_said(first)}", first.code < 500)
        self._begun = True
        await client.data(message.as_bytes(policy=SMTP_LINES))
        with contextlib.suppress(aiosmtplib.SMTPException, OSError, TimeoutError):
            await client.quit(timeout=2.0)  # it has the mail already
        partly = f"partly sent: {self._name} refused {_named(refused)}" if refused else ""
        return SendOutcome(Came.SENT, "; ".join(filter(None, (partly, cut_note(left_out)))))

    async def _context(self) -> ssl.SSLContext:
        ca_file = self._spec.ca_file
        return await asyncio.get_running_loop().run_in_executor(
            None, lambda: ssl.create_default_context(cafile=ca_file)
        )

    def _failed(self, error: Exception) -> SendOutcome:
        """What ended it. The login's answer may hold what was sent: only its code is said."""
        import aiosmtplib

        name = self._name
        tls = _tls_error(error)
        if isinstance(tls, ssl.SSLCertVerificationError):
            return SendOutcome(
                Came.FAILED, f"the certificate of {name} is refused: {printable(tls.verify_message, 200)}", broken=True
            )
        if isinstance(error, aiosmtplib.SMTPAuthenticationError):
            return SendOutcome(
                Came.FAILED,
                f"{name} refused the login ({error.code})",
                retry=error.code < 500,
                broken=error.code >= 500,
            )
        if isinstance(error, aiosmtplib.SMTPResponseException):
            # An answer to DATA is an answer: it did not take the mail.
            return SendOutcome(Came.FAILED, f"{name} answered {_said(error)}", retry=error.code < 500)
        if isinstance(error, aiosmtplib.SMTPException) and "STARTTLS" in str(error):
            why = f"{name} does not offer STARTTLS, and nothing is sent unencrypted"
            return SendOutcome(Came.FAILED, why, broken=True)
        if isinstance(error, aiosmtplib.SMTPNotSupported):
            return SendOutcome(Came.FAILED, f"{name} does not offer the login that is needed", broken=True)
        if self._begun:
            return SendOutcome(Came.UNSURE, f"{name} said nothing after it was given the mail")
        if isinstance(error, TimeoutError):
            return SendOutcome(Came.FAILED, f"{name} did not answer in time", retry=True)
        return SendOutcome(
            Came.FAILED, f"{name} cannot be reached" if tls is None else f"{name} speaks no TLS", retry=True
        )


def mail(spec: EmailChannel, dispatch: Dispatch, addresses: Sequence[str]) -> tuple[EmailMessage, int]:
    """(the mail, characters that were cut). No header can hold a second line: what would be one is made one line."""
    message = EmailMessage()
    domain = spec.sender.rpartition("@")[2]
    text, left_out = cut(body(dispatch), TEXT)
    message["Subject"] = printable(subject(dispatch), SUBJECT)
    message["From"] = spec.sender
    message["To"] = ", ".join(addresses)
    message["Date"] = format_datetime(dispatch.at)
    message["Message-ID"] = f"<{_word(dispatch.first.id)}.artisan-tui@{domain}>"
    if dispatch.first.notice.incident and len(dispatch.sendings) == 1:
        # The same root in every mail of an incident makes them one thread.
        root = f"<{_word(dispatch.first.notice.incident)}.artisan-tui@{domain}>"
        message["References"] = root
        message["In-Reply-To"] = root
    message["Auto-Submitted"] = "auto-generated"
    if any(each.notice.severity in ("Sev1", "Sev2") and each.notice.purpose == "page" for each in dispatch.sendings):
        message["Importance"] = "high"
    message.set_content(text or subject(dispatch))
    return message, left_out


def _word(text: str) -> str:
    """``text`` as a part of a message id."""
    if re.fullmatch(r"[A-Za-z0-9_-]{1,100}", text, re.ASCII):
        return text
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _own_name() -> str:
    """The name of this machine, without asking a name server, which may be what is broken."""
    name = socket.gethostname()
    return name if re.fullmatch(r"[A-Za-z0-9.-]+", name, re.ASCII) else "localhost"


def _tls_error(error: BaseException | None) -> ssl.SSLError | None:
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return error
        error = error.__cause__ or error.__context__
    return None


def _named(refused: Iterable[str]) -> str:
    return printable(", ".join(list(refused)[:5]), 300)


def _said(error: object) -> str:
    code, message = getattr(error, "code", 0), getattr(error, "message", "")
    return f"{code} {printable(str(message), 200)}".strip()


def open(spec: EmailChannel, reveal: Reveal) -> EmailSender:
    return EmailSender(spec, reveal)
