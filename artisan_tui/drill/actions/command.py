"""Steps of kind command: the programs of the documents, by their name. None is started."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from artisan_tui.drill.actions.components import answered, component
from artisan_tui.drill.actions.protocol import ActAnswer, ActRefused, Estate

Words = list[str]
#: What shows the maintenance page while it is there.
_FLAG: Final = "maintenance.flag"


def _alembic(estate: Estate, words: Words, env: Mapping[str, Any]) -> ActAnswer:
    match words:
        case ["current", *_]:
            head = " (head)" if estate.schema_is_head() else ""
            return ActAnswer(output=f"{estate.schema()}{head}", values={"body": estate.schema()})
        case ["upgrade" | "downgrade", revision, *_]:
            return answered(estate.migrate(revision))
    raise ActRefused("the stack's alembic knows current, upgrade REVISION and downgrade REVISION")


def _backup(estate: Estate, words: Words, env: Mapping[str, Any]) -> ActAnswer:
    done = estate.backup()
    newest = (estate.backups() or ("",))[-1]
    return ActAnswer(done.ok, 0 if done.ok else 1, newest if done.ok else done.output)


def _listed(estate: Estate, words: Words, env: Mapping[str, Any]) -> ActAnswer:
    """The backups, the newest first; the stack has no other folder."""
    return ActAnswer(output="\n".join(reversed(estate.backups())))


def _restore(estate: Estate, words: Words, env: Mapping[str, Any]) -> ActAnswer:
    return answered(estate.restore(words[0].rpartition("/")[2] if words else ""))


def _rollback(estate: Estate, words: Words, env: Mapping[str, Any]) -> ActAnswer:
    return answered(estate.deploy("app", words[0] if words else ""))


def _compose(estate: Estate, words: Words, env: Mapping[str, Any]) -> ActAnswer:
    if "up" in words and env.get("VERSION"):
        name = component(words[-1])
        if "--scale" in words:
            estate.scale(name, int(words[words.index("--scale") + 1].partition("=")[2]))
        return answered(estate.deploy(name, str(env["VERSION"])))
    if "psql" in words and "-f" in words[words.index("psql") :]:
        return _restore(estate, words[-1:], env)
    if "logs" in words:
        return ActAnswer(output="app-1 | serving" if estate.works("app") else "app-1 | ERROR does not serve")
    flag = next((each for each in words if _FLAG in each), "")
    if flag.startswith(("touch", "rm")):
        return answered(estate.maintenance_page(flag.startswith("touch")))
    if flag and "test" in words:
        return ActAnswer(exit_code=0 if estate.in_maintenance() else 1)
    raise ActRefused("the stack does not know this: write a step of kind compose")


def _smoke(estate: Estate, words: Words, env: Mapping[str, Any]) -> ActAnswer:
    well = estate.works("app") and estate.works("database")
    return ActAnswer(output="all passed" if well else "1 failed", exit_code=0 if well else 1)


def _region(estate: Estate, words: Words, env: Mapping[str, Any]) -> ActAnswer:
    if words and words[0] != "--show":
        return answered(estate.switch_region(words[0]))
    return ActAnswer(output=estate.region())


def _passes(said: str) -> Callable[[Estate, Words, Mapping[str, Any]], ActAnswer]:
    return lambda estate, words, env: ActAnswer(output=said)


_PROGRAMS: Final[Mapping[str, Callable[[Estate, Words, Mapping[str, Any]], ActAnswer]]] = {
    "alembic": _alembic,
    "backup.sh": _backup,
    "ls": _listed,
    "restore.sh": _restore,
    "rollback.sh": _rollback,
    "docker-compose": _compose,
    "smoke_test.sh": _smoke,
    "switch_region.sh": _region,
    "sha256sum": _passes("backup-0001: OK"),
    "pre_deployment_check.py": _passes("all checks passed"),
    "pytest": _passes("3 passed"),
    "git": _passes("a1b2c3d Raise the batch size\n9f8e7d6 Add a retry\n1234567 Release v0.2.0"),
    "nvidia-smi": _passes("0 %, 41 C, 8192 MiB"),
    "artisan-tui": _passes("deployments are allowed"),
}
#: Programs that start another: the first word after them that they do not read themselves is meant.
_STARTERS: Final = frozenset({"uv", "run", "env", "python", "python3", "bash", "sh", "-m"})


class CommandActions:
    def capture(self, estate: Estate, action: Mapping[str, Any]) -> Mapping[str, Any]:
        return {}

    def read(self, estate: Estate, action: Mapping[str, Any]) -> ActAnswer:
        return _ran(estate, action)

    def change(self, estate: Estate, action: Mapping[str, Any], before: Mapping[str, Any]) -> ActAnswer:
        return _ran(estate, action)


def _ran(estate: Estate, action: Mapping[str, Any]) -> ActAnswer:
    words = [str(each) for each in action["request"]["argv"]]
    for index, word in enumerate(words):
        name = word.rpartition("/")[2]
        if name in _PROGRAMS:
            return _PROGRAMS[name](estate, words[index + 1 :], action["request"].get("env", {}))
        if name not in _STARTERS:
            break
    return ActAnswer(output=f"drill: {words[0][:80]} was not started, and the stack has nothing that answers for it")


ACTIONS = CommandActions()
