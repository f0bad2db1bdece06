"""The sentences of probes, store and engine, extracted for the catalogue ``details``: `make messages` runs this.

They need no mark in the code: every text of two words or more in these files counts, an f-string with places named
after what stands in them. `reports.read_back` finds them again in what is shown. A `ValueError` counts where it is
about the configuration; elsewhere it is for us.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from string import Formatter

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from artisan_tui.domain.reason import Reason

TOP = Path(__file__).parents[1]
#: Where sentences for people arise that carry no ``_()``.
FILES = (
    *("sources/**/*.py", "domain/condition.py", "domain/checks/health.py"),
    *("domain/alerts/join.py", "domain/alerts/evidence.py", "domain/alerts/intents.py", "engine/alerts/*.py"),
    *("domain/checks/outcome.py", "engine/doctor.py", "engine/named_files.py", "engine/audit.py"),
    *("engine/store_thread.py", "engine/store_news.py", "engine/session/lost_events.py"),
    *("domain/runbooks/act*.py", "domain/runbooks/approval.py", "domain/runbooks/attempts.py"),
    *("engine/runbooks/decisions.py", "engine/runbooks/starting.py", "engine/runbooks/transaction.py"),
    *("engine/runbooks/planner.py", "engine/runbooks/spawner.py", "engine/runbooks/outside.py"),
    *("engine/runbooks/place_guard.py", "engine/runbooks/journaled.py", "engine/runbooks/causes.py"),
    *("engine/runbooks/preflight*.py", "engine/runbooks/before_run.py"),
    *("engine/runbooks/*children.py", "engine/runbooks/verifying.py", "engine/runbooks/doctor.py"),
    *("domain/runbooks/verifications.py", "domain/runbooks/preflight.py"),
    *("domain/runbooks/planning.py", "domain/runbooks/runner.py", "domain/runbooks/parameters.py"),
    *(
        "engine/slo/*.py",
        "engine/incidents/*decisions.py",
        "engine/incidents/transaction.py",
        "engine/incidents/doctor.py",
        "engine/oncall/doctor.py",
        "engine/maintenance/doctor.py",
        "domain/incidents/act*.py",
        "domain/incidents/closing.py",
        "engine/checks/evaluator.py",
        "engine/checks/views.py",
        "store/*.py",
        "config/secret.py",
    ),
    *("steps/notify/*.py", "domain/notify/*.py", "engine/notify/*.py"),
    *("steps/runbooks/**/*.py", "steps/runbook_step.py", "engine/runbooks/step_*.py"),
    *("drill/validity.py", "engine/drills/plays.py", "engine/drills/library.py", "domain/oncall/signing.py"),
    *("engine/oncall/checklist_verifying.py", "engine/oncall/reach.py"),
)
#: Where sentences about the configuration arise, and those that a `ValueError` carries to them.
CONFIG_FILES = (
    *("config/**/*.py", "domain/*.py", "domain/*/*.py", "engine/settings.py", "engine/launch.py"),
    *("sources/checks/**/spec.py", "sources/checks/*.py", "sources/server_url.py", "sources/kind.py"),
)
#: Files of statements and tables, and of words that have another catalogue.
_OTHER = re.compile(
    r"/(spec|dialect|tables|lookup|kind|server_url|opening|leases|threads|bus|functions)\.py$|/(starter|starter_korean)\.py$"
)
_OTHER_CONFIG = re.compile(
    r"/(key_ids|schema|starter|starter_korean|events|journal_body|event|counter_deltas|relabelled|write|promql)\.py$"
)
#: What these are given is not for the board: errors about the program, marks of other catalogues, patterns.
_CALLS = {
    *("TypeError", "AssertionError", "RuntimeError", "LookupError", "KeyError", "Field", "_", "N_", "ngettext"),
    *("compile", "text", "Literal", "Command", "Parameter", "create_task", "Thread", "getLogger"),
}
#: As `config.explain` divides them.
_MEND = re.compile(r": (?=write |begin |did you mean |a condition is |after the name |expected |\{(?:MEND|mend)\}$)")
_SENTENCE = re.compile(r"[a-z]{2,},? [a-z{]|\} [a-z(]{2,}")
#: Statements, commands, headers, patterns, names of threads.
_NOT = re.compile(
    r"^(SELECT|CREATE|INSERT|UPDATE|DELETE|WITH) |^(docker |kubectl |pip |Bearer |probe [{]|resolve |scrape [{]|end |GET |--)|\(\?:|\||^\W*$"
)
#: Single words that stand in the places of others, beside the codes of reasons.
WORDS = (
    *(reason.value for reason in Reason),
    "up",
    "down",
    "degraded",
    "unknown",
    "maintenance",
    "missing",
    "paused",
    "exited",
    "dead",
    *("behind", "preparing", "connecting", "sending", "the TLS handshake"),
    *("text", "a number", "a table", "a list"),
)
#: What is put together from two of them.
COMPOSED = (
    *("{what} expires in {left}", "{what} expired {left} ago", "{good} of {needed} are healthy: {what}"),
    *("{name} is paused", "{name} is being removed", "{name} has exited, {code}", "{name} has dead, {code}"),
    *("{words}: see pg_stat_activity for who holds them", "{words}: see user, password and its pg_hba.conf"),
    *("{path}: {shown} is {age} old, more than {within}", "object of {n}", "list of {n}"),
    *(f"{{name}} is {state} ({{sub}}){{since}}" for state in ("activating", "reloading", "deactivating", "refreshing")),
    *("{name} is maintenance ({sub}){since}", "{name} exists, but has no {type} record"),
    "{name} exists, but its alias {alias} has no {type} record",
    '{shown} has no zone, so the age of the response is unknown; write zone = "UTC" beside path',
    *(
        "not TOML: {what}",
        "not UTF-8 text",
        "status: HTTP {status}",
        "there is no check {name}",
        "there is no service {name}",
    ),
    *("there is no service or check {name}", "{unit} is not the name of a unit", "{value} is too short"),
    *("{value} is too long", "an owner is text", "the name of a link is text"),
    "an owner has at most {LONGEST} printable characters",
    "the name of a link has at most {LONGEST} printable characters",
)
#: What the reader of TOML says.
TOML = (
    *("Invalid statement", "Expected newline or end of document after a statement"),
    *("Found invalid character {character}, column {column}", "Cannot declare {key} twice", "Cannot overwrite a value"),
    *("Expected ']' at the end of a table declaration", "Expected ']]' at the end of an array declaration"),
    *(
        "Cannot mutate immutable namespace {key}, column {column}",
        "Cannot redefine namespace {key}, column {column}",
        "Unclosed array",
    ),
    *("Expected '=' after a key in a key/value pair", "Invalid initial character for a key part"),
    *("Duplicate inline table key {key}, column {column}", "Unclosed inline table", "Unescaped '\\' in a string"),
    *("Invalid hex value", "Escaped character is not a Unicode scalar value", "Unterminated string"),
    *("Illegal character {character}, column {column}", "Invalid date or datetime", "Invalid value"),
)
#: What servers and libraries say, looked for in their answers and never said by us; and pieces that are no sentence.
THEIRS = {
    *(
        "no such container|multiple ids found",
        "currently accepting",
        "administrator command",
        'database ".*" does not exist',
    ),
    *("remaining connection slots", "no such database", "permission denied for database", "authentication failed"),
    *('role ".*" does not exist', "permitted to log in", "no such user", "could not receive data", "timeout expired"),
    *("no password supplied", "definition of service", "server closed the connection", "does not support SSL"),
    *("the database system is ", "max number of clients", "Client sent AUTH, but no password", "invalid password"),
    *("without sending a response", "without sending complete", "incomplete chunked read", "too many"),
    *("maximum resolution", "deadline exceeded", "not a regular expression", ".*swap memory stats"),
    *(
        " --context {context}",
        "kubectl{context} -n {namespace} get {what}",
        "{key} in ({values})",
        "{key} notin ({values})",
    ),
    *(
        "memory.current - inactive_file of memory.max, in the control group of artisan-tui",
        "log into {endpoint}{asked}",
    ),
    *("{name} is {what}", "{name} has {state}, {code}{finished}", "{path}: {shown} is {old}", "{what} of {value}"),
    *(
        'write url = "postgresql://user@host:5432/name", or address, user and dbname',
        "write it in ASCII, like {value} if the server decodes that",
        " since {fromtimestamp} UTC",
        "{first} to {last}",
        "is not the last written event",
    ),
    *('write sslmode = "verify-full", or remove cert_file and key_file', "write tls = true"),
    *('write "host:5432", or the folder of its socket, like "/run/postgresql"', "statement pooling mode"),
    *('write a reference instead: "env:NAME" or "file:PATH"', "certificate required", "kubernetes {id}"),
    *("{name} is {active} ({get}){get2}", "{name} exists, but {where} no {type} record", "its alias {alias} has"),
    *("Failed to start", "Scheduled restart", "Main process exited", "dig {at}{type} {wanted}"),
    *("kubernetes {kind}/{name}", "kubernetes {name}", "slo {slo}", "slo {id}"),
    "{PATH} {{service: {service}}} at {address}",
    *(
        " at {id}",
        "{subject} is {to}",
        "{name} is {found}",
        " with {given}",
        "{counts} run",
        " to {request}",
        "to {before}",
    ),
    *("{method} {request}: {status_code} in {latency} ms", "{request} {request2}, generation {get}", " with {join}"),
    *("{what} in the kubeconfig {place}", "{query} is a {parsed}", " at {target}"),
    *("run {test}", "notify {id}", "not valid", "no severity", "`artisan-tui notify test {id}`"),
    *("{what} is text", "{what} has at most {LONGEST} printable characters", "{value} is too {what}"),
    *("there is no {what} {name}", "the name of a link", "$ARTISAN_CONFIG (not set)", "value {sign} {value}"),
    *("avg_over_time((({query}) {sign} bool {value})[{length}:1m])", "service {service}", "an owner"),
    *("(sum(rate({selector}[{w}])) or vector(0)) / {added}", "{shown} is not a regular expression: {said}"),
    *("histogram_quantile({q}, sum by (le) (rate({suffixed}[{window}])))", " at {place}", "{what} of {value}"),
    *("{kind}/{name} in namespace {namespace}", "{unit} is {what}", "not the name of a unit", "{full_name} (user)"),
    *("body, body.PATH", "service or check"),
    *("connect to {address}", "it holds {join}", "install {name}", "no Kubernetes status", "illegal status line"),
}


def sentences() -> Iterator[str]:
    """Every sentence once, places as ``{name}``."""
    found = dict.fromkeys((*WORDS, *COMPOSED, *TOML))
    for patterns, other, calls in (
        (FILES, _OTHER, _CALLS | {"ValueError"}),
        (CONFIG_FILES, _OTHER_CONFIG, _CALLS),
    ):
        for pattern in patterns:
            for path in sorted((TOP / "artisan_tui").glob(pattern)):
                if not other.search(str(path)):
                    said = _in_file(ast.parse(path.read_text("utf-8")), calls)
                    found |= dict.fromkeys(said if patterns is FILES else _halves(said))
    yield from (text for text in found if text not in THEIRS)


def _halves(texts: Iterable[str]) -> Iterator[str]:
    """A sentence of `domain` holds what is wrong and, after a colon, the correction: they are shown apart."""
    for text in texts:
        for half in _MEND.split(text):
            if re.search(r"[a-z]", re.sub(r"\{\w*\}", "", half)):
                yield half


def _in_file(tree: ast.Module, calls: set[str]) -> Iterator[str]:
    other: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            other.add(node.value)  # a docstring
        elif isinstance(node, ast.JoinedStr):
            other |= {part for part in node.values if isinstance(part, ast.Constant)}
            forms = [part.format_spec for part in node.values if isinstance(part, ast.FormattedValue)]
            other |= {each for form in forms if form is not None for each in ast.walk(form)}
        elif isinstance(node, ast.Call):
            if _name_of(node.func) in calls:
                other |= set(ast.walk(node)) - {node}
        elif isinstance(node, ast.Assert | ast.Compare):
            other |= set(ast.walk(node)) - {node}
        elif isinstance(node, ast.Dict):
            other |= {key for key in node.keys if key is not None}
    for node in ast.walk(tree):
        if node not in other and (isinstance(node, ast.JoinedStr) or _is_text(node)):
            text = _template(node)
            if _SENTENCE.search(text) and not _NOT.search(text):
                yield text


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _template(node: ast.AST) -> str:
    if isinstance(node, ast.Constant):
        return _escaped(str(node.value))
    assert isinstance(node, ast.JoinedStr)
    out, names = "", set[str]()
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            name = base = _name_of(part.value) or "what"
            number = 2
            while name in names:
                name, number = f"{base}{number}", number + 1
            names.add(name)
            out += f"{{{name}}}"
        elif isinstance(part, ast.Constant):
            out += str(part.value).replace("{", "{{").replace("}", "}}")
    return out


def _escaped(text: str) -> str:
    """``text``, its braces doubled unless they are places: a sentence may quote JSON."""
    try:
        names = [name for _text, name, _form, _conversion in Formatter().parse(text) if name is not None]
    except ValueError:
        names = [""]
    return text if all(name.isidentifier() for name in names) else text.replace("{", "{{").replace("}", "}}")


def _name_of(node: ast.AST) -> str:
    """What a person would call the value: the last word of a name, of a call's first argument, of a choice's first."""
    if isinstance(node, ast.Name):
        return node.id.strip("_") or "_"
    if isinstance(node, ast.Attribute):
        return node.attr.strip("_")
    if isinstance(node, ast.Call):
        inner = _name_of(node.args[0]) if node.args and not isinstance(node.func, ast.Attribute) else ""
        return inner or _name_of(node.func)
    for field in ("value", "left", "body", "operand"):
        inner_node = getattr(node, field, None)
        if isinstance(inner_node, ast.AST):
            return _name_of(inner_node)
    values = getattr(node, "values", None)
    return _name_of(values[0]) if values else ""


def main() -> None:
    """Write the template, or compile what is translated."""
    path = Path(sys.argv[1])
    if path.suffix == ".po":
        # pybabel takes `80 % of the inodes` for a place of printf's, and refuses.
        with path.open("rb") as written, path.with_suffix(".mo").open("wb") as compiled:
            write_mo(compiled, read_po(written, locale="ko"))
        return
    catalog = Catalog(project="artisan-tui", charset="utf-8", fuzzy=False)
    for text in sentences():
        catalog.add(text)
    with path.open("wb") as file:
        write_po(file, catalog, no_location=True, width=100)


if __name__ == "__main__":
    main()
