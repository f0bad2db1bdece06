"""Rules of a scenario file that need more than one of its tables."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from artisan_tui.config.drills.spec import DrillDocument
from artisan_tui.config.raw import Finding, Place
from artisan_tui.config.suggest import closest
from artisan_tui.domain.drills.vocabulary import PERSON_ACTS, fault_in


def drill_findings(document: DrillDocument) -> Iterator[Finding]:
    """Everything that does not fit together in a document whose tables are right by themselves."""
    # A list whose entries are refused would be called empty by the model, too.
    for name in ("objective", "fault", "reference", "wrong"):
        if not getattr(document, f"{name}s" if name in ("objective", "fault") else name):
            yield (name,), "this list is empty", f"add a [[{name}]]"
    objectives = [each.id for each in document.objectives]
    injects = {each.id: each for each in document.injects}
    for index, objective in enumerate(document.objectives):
        place: Place = ("objective", index)
        if objective.limit > document.ends and objective.act != "answer":
            yield (*place, "limit"), "the drill is over before this limit", "write an earlier limit, or a later `ends`"
        if objective.inject is not None:
            yield from _known((*place, "inject"), "inject", objective.inject, injects)
            asked = injects.get(objective.inject)
            if asked is not None and asked.answer_by is None and objective.by is None:
                mend = f'add answer_by = "2m" to the inject {objective.inject}'
                yield (*place, "inject"), "nothing says until when it is to be answered", mend
    for index, inject in enumerate(document.injects):
        yield from _known(("inject", index, "serves"), "objective", inject.serves, objectives)
        if inject.at is not None:
            yield from _in_time(("inject", index, "at"), inject.at, document)
    for index, hint in enumerate(document.hints):
        yield from _known(("hint", index, "objective"), "objective", hint.objective, objectives)
    for index, fault in enumerate(document.faults):
        yield from _in_time(("fault", index, "at"), fault.at, document)
    for index, herring in enumerate(document.red_herrings):
        yield from _in_time(("red_herring", index, "at"), herring.at, document)
        if herring.do is not None:
            if herring.do in PERSON_ACTS:
                mend = "write an operation, or leave `do` out"
                yield ("red_herring", index, "do"), f"`{herring.do}` does nothing to the stack", mend
            key, what, mend = fault_in(herring.do, herring.arguments)
            if key in herring.arguments:  # those that do not matter may be missing
                yield ("red_herring", index, "with", key), what, mend
    for name, acts in (("reference", document.reference), ("wrong", document.wrong)):
        for index, act in enumerate(acts):
            yield from _in_time((name, index, "at"), act.at, document)
            if act.do == "answer":
                yield from _known((name, index, "with", "inject"), "inject", str(act.arguments["inject"]), injects)
            if act.do == "hint" and "objective" in act.arguments:
                about = str(act.arguments["objective"])
                yield from _known((name, index, "with", "objective"), "objective", about, objectives)


def _in_time(place: Place, tick: int, document: DrillDocument) -> Iterator[Finding]:
    if tick >= document.ends:
        yield place, "the drill is over before this time", "write an earlier time, or a later `ends`"


def _known(place: Place, word: str, name: str, known: Collection[str]) -> Iterator[Finding]:
    if name not in known:
        near = closest(name, known)
        listed = ", ".join(known) or "none"
        yield place, f"there is no {word} {name[:60]!r}", f"did you mean {near!r}?" if near else f"there are: {listed}"
