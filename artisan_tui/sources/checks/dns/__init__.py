"""The kind dns: ask a name server for records."""

from __future__ import annotations

import asyncio
import time
from decimal import Decimal
from typing import TYPE_CHECKING

from artisan_tui.domain.condition import examine
from artisan_tui.domain.probe_result import Failure, ProbeResult
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.span import span_text
from artisan_tui.domain.text.printable import printable
from artisan_tui.sources.checks.dns.asking import Asking, Heard, system_servers
from artisan_tui.sources.checks.dns.message import DnsAnswer, NotAnAnswer, Question
from artisan_tui.sources.checks.dns.spec import DnsSpec
from artisan_tui.sources.errors import failure
from artisan_tui.sources.exchange import Phase
from artisan_tui.sources.kind import Kind
from artisan_tui.sources.lookup import search

if TYPE_CHECKING:
    from artisan_tui.sources.probe_context import ProbeContext

#: Characters of the answer that are shown.
EXCERPT = 8192


class DnsProbe:
    """Asks with a new socket and a new id for every probe, so that nothing old can answer."""

    def __init__(self, spec: DnsSpec, probe_context: ProbeContext) -> None:
        self._spec, self._connections = spec, probe_context.connections
        at = f"@{spec.place} " if spec.place is not None else ""
        self._query = printable(f"dig {at}{spec.type} {spec.wanted}", 500)

    async def probe(self) -> ProbeResult:
        spec, phase = self._spec, Phase()
        asking: Asking | None = None
        try:
            async with asyncio.timeout(spec.timeout):
                # dnspython is imported here for the first time: 40 ms that are not the server's.
                question = await self._connections.off_loop(_question, spec)
                asking = Asking(self._connections, question, spec.timeout, phase)
                place = spec.place
                servers = [place] if place is not None else await self._connections.off_loop(system_servers)
                began = time.monotonic()
                heard = await asking.ask(servers)
                took = Decimal(str(round(time.monotonic() - began, 6)))
            return self._result(heard, took)
        except TimeoutError:
            failed = self._timed_out(phase, asking)
        except NotAnAnswer as error:
            failed = Failure(Reason.PROTOCOL, printable(str(error), 300))
        except Exception as error:  # noqa: BLE001 - whatever the server does is a failed probe
            failed = failure(error)
        return ProbeResult(failed, query=self._query)

    async def aclose(self) -> None:
        """Nothing stays open between probes."""

    def _timed_out(self, phase: Phase, asking: Asking | None) -> Failure:
        limit = span_text(self._spec.timeout)
        if asking is not None and asking.foreign:
            said = f"no answer to this question within {limit}: {asking.foreign} packets had another id"
            return Failure(Reason.PROTOCOL, said)
        return Failure(Reason.TIMEOUT, f"no response within {limit}, waiting for {phase.name}")

    def _result(self, heard: Heard, took: Decimal) -> ProbeResult:
        answer = heard.answer
        body = {
            "rcode": answer.rcode,
            "count": answer.total,
            "records": list(answer.records),
            "answers": [dict(row) for row in answer.rows],
            "ttl": answer.ttl,
            "alias": answer.alias,
            "flags": list(answer.flags),
            "authoritative": "AA" in answer.flags,
            "server": heard.server,
            "transport": heard.transport,
        }
        listed = "\n".join([f"{answer.rcode} from {heard.server} over {heard.transport}", *answer.records])
        seen = ProbeResult(
            latency=took,
            answers={"body": body, "value": answer.total},
            excerpt=printable(listed, EXCERPT, lines=True),
            remarks=self._remarks(heard),
            query=self._query,
        )
        failed = self._failure(answer, heard.server)
        if failed is None or self._accepted(answer, seen):
            return seen
        return ProbeResult(failed, answers=seen.answers, excerpt=seen.excerpt, remarks=seen.remarks, query=self._query)

    def _remarks(self, heard: Heard) -> tuple[str, ...]:
        if heard.foreign:
            return (f"{heard.foreign} packets with another id were ignored",)
        return ()

    def _accepted(self, answer: DnsAnswer, seen: ProbeResult) -> bool:
        """Whether the conditions ask for just this: that a name does not exist, or that it has no record."""
        spec = self._spec
        asked = spec.accepts_failure() if answer.rcode != "NOERROR" else spec.accepts_nothing()
        return asked and all(
            examine(condition, seen, search).ok for condition in spec.expect if condition.root != "latency"
        )

    def _failure(self, answer: DnsAnswer, server: str) -> Failure | None:
        spec = self._spec
        name = printable(spec.wanted, 100)
        if answer.rcode == "NXDOMAIN":
            whose = f"{name} is an alias of {answer.alias}, which" if answer.alias else name
            return Failure(Reason.ABSENT, f"{whose} does not exist (NXDOMAIN)")
        if answer.rcode in _FAILED:
            reason, said = _FAILED[answer.rcode]
            return Failure(reason, f"{said} ({answer.rcode}): {server}")
        if answer.rcode != "NOERROR":
            return Failure(Reason.STATUS, f"the name server {server} answered {printable(answer.rcode, 40)}")
        if answer.total:
            return None
        if answer.referral:
            to = ", ".join(answer.referral[:2])
            said = f"{server} does not know {name} and refers to {to}: ask a resolver, or one of those"
            return Failure(Reason.NO_DATA, printable(said, 300))
        where = f"its alias {answer.alias} has" if answer.alias else "has"
        return Failure(Reason.NO_DATA, f"{name} exists, but {where} no {spec.type} record")


_FAILED = {
    "SERVFAIL": (Reason.STATUS, "the name server could not find out"),
    "REFUSED": (Reason.DENIED, "the name server refuses to answer us"),
    "NOTAUTH": (Reason.DENIED, "the name server is not responsible for this name"),
    "FORMERR": (Reason.QUERY, "the name server could not read the question"),
    "NOTIMP": (Reason.QUERY, "the name server does not support this question"),
}


def _question(spec: DnsSpec) -> Question:
    question = Question(spec.wire_name(), spec.type)
    question.packed()
    return question


__all__ = ["KIND", "DnsProbe", "DnsSpec"]

KIND = Kind("dns", DnsSpec, DnsProbe)
