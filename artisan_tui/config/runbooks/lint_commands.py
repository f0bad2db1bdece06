"""Rules about command lines: what runs, and what a person is told to run. Each is a trap that others fell into."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from artisan_tui.config.runbooks.fields import sensitive
from artisan_tui.domain.runbooks.definition import Action

#: (rule, what is wrong, mend, whether it is an error)
Said = tuple[str, str, str, bool]
_FLAG_VALUE = re.compile(r"--?([\w-]+)(?:=|\s+)(\S+)")
_ASSIGNED = re.compile(r"\b([A-Za-z_][\w-]*)=(\S+)")
_USERINFO = re.compile(r"\b[a-z][\w+.-]*://[^\s/:@]+:([^\s/@]+)@", re.IGNORECASE)
_BEARER = re.compile(r"\b(?:Bearer|Basic)\s+(?!\{\{|\$|\u27e6)[\w.~+/=-]{8,}", re.IGNORECASE)
_HARMLESS = re.compile(r"^(?:['\"]?(?:\$|env:|file:|/|<|\u27e6|\*+['\"]?$)|['\"]?$)")


@dataclass(frozen=True, slots=True)
class _Rule:
    name: str
    found: Callable[[str], bool]
    what: str
    mend: str
    error: bool = True


def _matches(pattern: str, unless: str = "") -> Callable[[str], bool]:
    wanted = re.compile(pattern, re.IGNORECASE)
    spared = re.compile(unless, re.IGNORECASE) if unless else None
    return lambda line: wanted.search(line) is not None and (spared is None or spared.search(line) is None)


def _compose_scale_without_service(line: str) -> bool:
    scaled = re.findall(r"--scale[= ](\S+?)=", line)
    if not scaled or not re.search(r"\bcompose\b.*\bup\b", line):
        return False
    rest = re.sub(r"--scale[= ]\S+", " ", line).partition(" up")[2].split()
    return not all(name in rest for name in scaled)


_RULES: Final = (
    _Rule(
        "broad-kill",
        _matches(
            r"\b(?:sudo\s+)?(?:pkill\b|killall\b|kill\s+(?:-\S+\s+)?-1\b|fuser\s+-\w*k)|pgrep\b[^|;&]*[|$(].*\bkill\b|\$\(pgrep|xargs\s+(?:-\S+\s+)*kill\b"
        ),
        "this ends every process whose name fits, also those that are not meant",
        "stop the one service by its own means: its API, systemctl stop UNIT, docker stop NAME",
    ),
    _Rule(
        "downgrade-relative",
        _matches(r"\balembic\b.*\bdowngrade\s+(?:--\s+)?-\d+"),
        "with two heads a relative downgrade undoes whichever came last",
        "name the revision: alembic downgrade REVISION, captured before the upgrade",
    ),
    _Rule(
        "downgrade-base",
        _matches(r"\balembic\b.*\bdowngrade\s+base\b"),
        "this drops every table of the application",
        "name the revision to go back to: alembic downgrade REVISION",
    ),
    _Rule(
        "compose-scale",
        _compose_scale_without_service,
        "compose up --scale without the service starts and recreates everything in the file",
        'use kind = "compose", scale = { app = 5 }, or name the service and add --no-deps --no-recreate',
    ),
    _Rule(
        "psql-errors",
        _matches(r"(?:^|[\s|;&(/])psql(?:\s|$)", r"ON_ERROR_STOP|\s-c\b|--command|--version|\s-l\b"),
        "psql goes on after an SQL error and exits with 0",
        "add -v ON_ERROR_STOP=1 --single-transaction",
    ),
    _Rule(
        "pg-restore-errors",
        _matches(r"\bpg_restore\b", r"--exit-on-error|\s-\w*e\b|--single-transaction|\s-1\b|--list|\s-l\b"),
        "pg_restore goes on after an error",
        "add --exit-on-error --single-transaction",
        False,
    ),
    _Rule(
        "rollout-undo",
        _matches(r"\bkubectl\b.*\brollout\s+undo\b", r"--to-revision[= ][^0\s]"),
        "without a revision, undo toggles between the last two",
        'use kind = "kubernetes", undo = "deployment/NAME", or add --to-revision=N, captured before',
    ),
    _Rule(
        "helm-rollback",
        _matches(r"\bhelm\b.*\brollback\s+\S+\s*(?:-|$)"),
        "without a number helm goes to the revision before, even if that one failed",
        'use kind = "helm", rollback = "RELEASE", or name the revision',
    ),
    _Rule(
        "helm-wait",
        _matches(r"\bhelm\b.*\b(?:upgrade|rollback|install)\b", r"--wait|--atomic|--dry-run|--rollback-on-failure"),
        "helm returns before the new pods are ready",
        "add --wait --timeout 5m",
        False,
    ),
    _Rule(
        "kubectl-context",
        _matches(r"\bkubectl\b(?!.*\bconfig\b)", r"--context\b"),
        "this changes whichever cluster the shell points to",
        'use kind = "kubernetes" with context = "…", or add --context',
        False,
    ),
    _Rule(
        "curl-fail",
        _matches(r"(?:^|[\s|;&(])curl\s", r"\s(?:-\w*f\w*|--fail\S*|-o\s*/dev/null\s+-w|--write-out|-w)\b"),
        "curl exits with 0 when the server answers with an error",
        'use kind = "http", or add --fail',
        False,
    ),
    _Rule(
        "other-interpreter",
        _matches(r"\bpython3?\b[^|;&]*\s-c\s|\bmanager\.set_\w+\(|\bforce_open\(\)|\bget_trainer\(\)"),
        "another interpreter has a state of its own: what it sets need not reach the running server",
        "call the API of the server, or verify at the server that it took effect",
        False,
    ),
    _Rule(
        "remove-everything",
        _matches(r"\brm\s+(?:-\w+\s+)*-\w*[rR]\w*\s+(?:-\w+\s+)*(?:/\s*$|/\*|~/?\s*$|\S*\{\{|\S*\$)"),
        "this removes whatever its path turns out to be",
        "write the path in full, without values in it",
    ),
    _Rule(
        "drop-table",
        _matches(
            r"\bdrop\s+(?:table|database|schema)\b|\btruncate\s+table\b|\bdelete\s+from\s+\w+\s*(?:;|\"|'|$)|\bFLUSHALL\b|\bFLUSHDB\b"
        ),
        "this removes data that nothing brings back",
        'make a backup step before it and mark this one irreversible = true, confirm = "type"',
        False,
    ),
    _Rule(
        "docker-prune",
        _matches(r"\bdocker\s+(?:system|volume|image|container)\s+prune\b|\bcompose\b.*\bdown\b.*(?:\s-v\b|--volumes)"),
        "this removes volumes or images that other containers may need",
        "name what is removed",
    ),
    _Rule(
        "force-push",
        _matches(r"\bgit\s+push\b.*(?:--force\b(?!-with)|\s-f\b)"),
        "this overwrites what others pushed",
        "use --force-with-lease, or revert",
    ),
    _Rule(
        "literal-secret",
        _matches(
            r"\bcurl\b.*\s(?:-u|--user)[= ]*[^\s:$]+:[^\s$]+|\bmysql\w*\b.*\s-p[^\s$-]\S*|\bredis-cli\b.*\s-a\s+[^\s$]"
            r"|\bsshpass\s+-p\s*[^\s$]",
            r"\{\{",
        ),
        "a password is written into an argument, where everybody on the machine can read it",
        'use env = { NAME = "env:NAME" }, a file of the program, or stdin',
    ),
    _Rule(
        "sleep",
        _matches(r"^\s*sleep\s+\S+\s*$"),
        "a sleep waits as long when it is not needed and too short when it is",
        'use kind = "wait" with until = { … }, or a verify with within = "5m"',
        False,
    ),
)
_SCALES = re.compile(
    r"\bkubectl\b.*\bscale\b|--scale[= ]|\bdocker\s+service\s+scale\b|\bset-desired-capacity\b|\bautoscaling\b.*\bupdate\b",
    re.IGNORECASE,
)
_CHANGES = re.compile(
    r"\bkubectl\b.*\b(?:scale|apply|delete|patch|edit|rollout\s+(?:restart|undo|pause|resume)|drain|cordon|set|annotate|label|create|replace)\b"
    r"|\bdocker\b.*\b(?:restart|stop|start|kill|rm|up|down|run|prune|scale|exec)\b|\bhelm\b.*\b(?:upgrade|rollback|install|uninstall)\b"
    r"|\b(?:systemctl|service)\b.*\b(?:restart|stop|start|reload)\b|\b(?:pkill|killall|kill)\b|\balembic\b.*\b(?:up|down)grade\b"
    r"|\b(?:rm|mv|cp|chmod|chown|truncate|dd|mkfs\S*)\s|\bgit\s+(?:push|reset|checkout|revert)\b|\bpsql\b.*(?:<|-f\b)|\bpg_restore\b"
    r"|\b(?:insert\s+into|update\s+\w+\s+set|delete\s+from|drop\s+\w+|alter\s+\w+|create\s+\w+|vacuum|reindex)\b"
    r"|\bcurl\b.*(?:-X\s*|--request[= ])(?:POST|PUT|DELETE|PATCH)|\bredis-cli\b.*\b(?:flush\w+|del|set|config\s+set)\b"
    r"|\.(?:force_open|close|open|set_\w+|restore_\w+|load_\w+|resume_\w+|reset\w*|rollback\w*|restart\w*|stop\w*|clear\w*|delete\w*)\(",
    re.IGNORECASE,
)


def command_lines(action: Action) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """(place in the body, text) of everything that runs, or that a person is told to run."""
    if action.kind == "command":
        run = action.body.get("run")
        if run is not None:
            yield ("run",), " ".join(str(each) for each in run)
        elif "shell" in action.body:
            for line in str(action.body["shell"]).splitlines():
                yield ("shell",), line
    elif action.kind == "manual":
        text = re.sub(r"\\\n\s*", " ", str(action.body.get("instructions", "")))
        for line in text.splitlines():
            if not line.lstrip().startswith("#"):
                yield ("instructions",), line


def said_of(line: str) -> Iterator[Said]:
    """What is wrong with one command line."""
    for rule in _RULES:
        if rule.found(line):
            yield rule.name, rule.what, rule.mend, rule.error


def is_scale(action: Action) -> bool:
    """Whether an act changes how many instances there are."""
    if action.verb == "scale":
        return True
    if action.kind == "http":
        return action.can_change and "/scale" in str(action.body.get("request", {}).get("url", ""))
    return any(_SCALES.search(line) for _, line in command_lines(action))


def seems_to_change(text: str) -> bool:
    """Whether a text of commands looks like one that changes something."""
    return any(_CHANGES.search(line) for line in text.splitlines() if not line.lstrip().startswith("#"))


def literal_secret(text: str) -> str:
    """The name of what looks like a secret written into an argument, "" for nothing. The value is never said."""
    for pattern in (_FLAG_VALUE, _ASSIGNED):
        for match in pattern.finditer(text):
            value = match[2]
            if sensitive(match[1]) and not _HARMLESS.match(value) and not value.startswith("-"):
                return match[1]
    if (found := _USERINFO.search(text)) is not None and not _HARMLESS.match(found[1]) and "{{" not in found[1]:
        return "the password in a URL"
    return "a token" if _BEARER.search(text) else ""


def seen_texts(action: Action) -> Iterator[tuple[tuple[str | int, ...], str, bool]]:
    """(place in the body, text, whether a secret may be filled in there) of every text of an act."""
    hidden = {"http": ("headers", "json", "body"), "command": ("env", "stdin"), "sql": ("params",)}.get(action.kind, ())

    def walk(value: Any, place: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str, bool]]:
        if isinstance(value, str):
            yield place, value, any(step in hidden for step in place)
        elif isinstance(value, Mapping):
            for key, each in value.items():
                yield from walk(each, (*place, str(key)))
        elif isinstance(value, list | tuple):
            for index, each in enumerate(value):
                yield from walk(each, (*place, index))

    yield from walk(action.body, ())
