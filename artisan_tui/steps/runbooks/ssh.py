"""``ssh`` as the program of a command step: words arrive as words, nothing is asked, and what exit 255 means is told.

ssh joins its last words with spaces, and a shell over there reads the line. Here each word is quoted, so that a value
stays one word, whatever is in it. A single word is a line for that shell, as the runbook wrote it.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from artisan_tui.domain.text.printable import printable
from artisan_tui.steps.runbooks.protocol import StepRefused

#: Options of ssh with a value (ssh.c, OpenSSH 9).
_VALUED: Final = "BbcDEeFIiJLlmOoPpQRSWw"
#: Set where the runbook says nothing else: nobody is asked, and a dead connection is noticed within 15 s.
_OURS: Final = {
    "BatchMode": "yes",
    "ConnectTimeout": "10",
    "ServerAliveInterval": "5",
    "ServerAliveCountMax": "3",
}
#: They start programs on this machine.
_LOCAL: Final = frozenset({"proxycommand", "localcommand", "permitlocalcommand", "knownhostscommand", "pkcs11provider"})
#: What ssh ends with when it failed itself; the command over there may end so, too.
FAILED_ITSELF: Final = 255
#: (what ssh says before anything was sent to the other side, why, mend)
_BEFORE: Final = (
    (
        re.compile(r"REMOTE HOST IDENTIFICATION HAS CHANGED|Host key for \S+ has changed"),
        "the host key is not the one that is known: somebody may be in between, or the machine was made anew",
        "compare the fingerprint with its console, then ssh-keygen -R HOST",
    ),
    (
        re.compile(r"Host key verification failed|No \S+ host key is known for"),
        "the host key is not known here",
        "compare its fingerprint, then add it to known_hosts",
    ),
    (
        re.compile(r"Permission denied \("),
        "the server refuses the login",
        "give a key with -i, and see that the server has it",
    ),
    (
        re.compile(r"Too many authentication failures"),
        "the server refuses the login",
        "give one key with -i and -o IdentitiesOnly=yes",
    ),
    (re.compile(r"Could not resolve hostname"), "there is no such host", "correct its name"),
    (
        re.compile(
            r"Connection (?:refused|timed out)|No route to host|Network is unreachable|kex_exchange|Unable to negotiate"
        ),
        "there is no connection",
        "see that it runs, and that its port is right",
    ),
    (
        re.compile(r"Bad configuration option|command-line line \d+|unknown option|usage: ssh"),
        "ssh refuses its options",
        "correct them",
    ),
)
#: Lines of ssh itself, besides those above: it said nothing else when nothing came from the other side.
_OWN: Final = re.compile(
    r"(?:ssh|kex_exchange_identification|Warning|@|IT IS POSSIBLE|Someone could|It is also possible|The fingerprint|SHA256:"
    r"|Please contact|Add correct|Offending|  remove with|  ssh-keygen|Password authentication|Keyboard-interactive"
    r"|Host key|No \S+ host key|Connection|\S+@\S+: Permission denied|Received disconnect|Disconnected|$)"
)


@dataclass(frozen=True, slots=True)
class SshCall:
    """``words`` is what is done over there, () for a login shell."""

    program: str
    options: tuple[str, ...]
    host: str
    words: tuple[str, ...]

    def argv(self, words: Sequence[str] | None = None) -> tuple[str, ...]:
        """What is started; for other ``words``, where they are given."""
        said = self.words if words is None else tuple(words)
        line = () if not said else said if len(said) == 1 else (shlex.join(said),)
        return (self.program, *self.options, *self._ours(), "--", self.host, *line)

    def _ours(self) -> tuple[str, ...]:
        given = {name for name, _ in _settings(self.options)}
        return tuple(f"-o{name}={value}" for name, value in _OURS.items() if name.lower() not in given)


def is_ssh(program: str) -> bool:
    return program.rpartition("/")[2] == "ssh"


def read_call(argv: Sequence[str]) -> SshCall:
    """Raises StepRefused."""
    at, options = 1, []
    while at < len(argv) and argv[at].startswith("-") and argv[at] not in ("-", "--"):
        options.append(argv[at])
        if _wants_value(argv[at]) and at + 1 < len(argv):
            at += 1
            options.append(argv[at])
        at += 1
    if at < len(argv) and argv[at] == "--":
        at += 1
    rest = argv[at:]
    if not rest or rest[0].startswith("-") or not rest[0].strip():
        what = "ssh is not told where to go" if not rest else f"{printable(rest[0], 60)!r} is no host"
        raise StepRefused(what, 'write run = ["ssh", "user@host", "program", "argument"]')
    if len(rest) > 1 and rest[1].startswith("-"):
        raise StepRefused(f"{printable(rest[1], 60)!r} stands after the host", "options of ssh stand before it")
    for name, _ in _settings(options):
        if name in _LOCAL:
            raise StepRefused(f"{name} of ssh starts a program on this machine", "put it into ~/.ssh/config")
    if len(rest) == 1:
        raise StepRefused("ssh without a command would wait for somebody who types", "add the command")
    return SshCall(argv[0], tuple(options), rest[0], tuple(rest[1:]))


def why_255(host: str, output: str) -> tuple[bool, str]:
    """What ended with 255 did: (nothing was sent to the other side, the sentence for a person)."""
    lines = [line.rstrip() for line in output.splitlines()]
    if all(_OWN.match(line) for line in lines):
        for pattern, why, mend in _BEFORE:
            if pattern.search(output):
                return True, f"ssh to {host}: {why}: {mend}"
    what = "the connection was lost, or the command itself ended with 255"
    return False, f"ssh to {host}: {what}: nobody knows how far it came"


def _wants_value(word: str) -> bool:
    """Whether the value of the last letter is the next word: in ``-vp`` it is, in ``-p22`` it is not."""
    for index, letter in enumerate(word[1:], 1):
        if letter in _VALUED:
            return index == len(word) - 1
    return False


def _settings(options: Sequence[str]) -> list[tuple[str, str]]:
    """The settings of ``-o``, their names in small letters."""
    found, words = [], list(options)
    while words:
        word = words.pop(0)
        for index, letter in enumerate(word[1:], 1):
            if letter in _VALUED:
                value = word[index + 1 :] or (words.pop(0) if words else "")
                if letter == "o":
                    name, _, setting = value.strip().replace("=", " ", 1).partition(" ")
                    found.append((name.lower(), setting.strip()))
                break
    return found
