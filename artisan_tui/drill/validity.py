"""The validity lint of scenarios: they are played, and what the plays show is held against what was promised."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from artisan_tui.domain.drills import record
from artisan_tui.domain.drills.leaks import leaks
from artisan_tui.domain.drills.record import PlayLine, PlayRecord
from artisan_tui.domain.drills.scenario import ALERT_WITHIN, PlannedAct, Scenario
from artisan_tui.domain.drills.score import PlayScore, score
from artisan_tui.domain.drills.validity import ScenarioFinding
from artisan_tui.drill.playing import play_alone

Found = tuple[tuple[str, ...], str, str]


def findings(scenario: Scenario, seed: int) -> list[ScenarioFinding]:
    """Everything that is wrong with a scenario, by playing it on this seed."""
    return [ScenarioFinding(scenario.id, *each) for each in _findings(scenario, seed)]


def _findings(scenario: Scenario, seed: int) -> Iterator[Found]:
    plays = {
        name: play_alone(scenario, acts, seed)
        for name, acts in (("nothing", ()), ("reference", scenario.reference), ("wrong", scenario.wrong))
    }
    scores = {name: score(scenario, each) for name, each in plays.items()}
    yield from _reference(scenario, plays["reference"], scores["reference"])
    yield from _nothing(scenario, plays["nothing"], scores["nothing"])
    if plays["reference"].bad > plays["nothing"].bad:
        what = f"the reference play makes {plays['reference'].bad} requests fail, and nothing {plays['nothing'].bad}"
        yield ("reference",), what, "correct the play, or let what goes wrong last"
    yield from _wrong(plays["wrong"], scores)
    yield from _injects(scenario, plays)
    yield from _truth(scenario, plays)


def _reference(scenario: Scenario, played: PlayRecord, scored: PlayScore) -> Iterator[Found]:
    for index, each in enumerate(scored.objectives):
        if each.level == "U":
            place = ("objective", str(index))
            what = f"the reference play does not reach {each.objective} ({each.why})"
            yield place, what, "correct the play, the bound or the limit"
    yield from _refused("reference", scenario.reference, played)
    if any(each.do == "hint" for each in scenario.reference):
        yield ("reference",), "the reference play takes a hint", "write a play that needs none"


def _refused(name: str, acts: Sequence[PlannedAct], played: PlayRecord) -> Iterator[Found]:
    for index, line in enumerate(played.of(record.ACT)):
        if not line.data["ok"]:
            what = f"`{acts[index].text}` is refused: {line.data['output'].removeprefix('error: ')}"
            yield (name, str(index)), what, "correct the act or its time"


def _nothing(scenario: Scenario, played: PlayRecord, scored: PlayScore) -> Iterator[Found]:
    if all(each.level != "U" for each in scored.objectives):
        yield ("objective",), "doing nothing reaches every objective", "ask for something that needs an act"
    alert = next(played.of(record.ALERT), None)
    if alert is None or alert.tick - scenario.onset > ALERT_WITHIN:
        when = "no alert fires" if alert is None else f"the first alert fires {alert.tick - scenario.onset} s after it"
        mend = f"let something happen that an alert sees within {ALERT_WITHIN} s of the onset"
        yield ("fault",), f"{when} (the onset is at {scenario.onset} s)", mend


def _wrong(played: PlayRecord, scores: dict[str, PlayScore]) -> Iterator[Found]:
    def rank(name: str) -> tuple[int, int]:
        return scores[name].points, -scores[name].bad

    if not rank("nothing") < rank("wrong") < rank("reference"):
        better = rank("wrong") >= rank("reference")
        what = (
            "the wrong play scores as well as the reference" if better else "the wrong play is no better than nothing"
        )
        said = ", ".join(f"{name} {scores[name].points} points, {scores[name].bad} bad" for name in scores)
        yield ("wrong",), f"{what} ({said})", "declare a play that helps, but not enough"


def _injects(scenario: Scenario, plays: dict[str, PlayRecord]) -> Iterator[Found]:
    ticks = {name: {each.name: each.tick for each in played.of(record.INJECT)} for name, played in plays.items()}
    for index, each in enumerate(scenario.injects):
        place = ("inject", str(index))
        arrived = [seen[each.id] for seen in ticks.values() if each.id in seen]
        if not arrived:
            yield place, f"the inject {each.id} arrives in no play", "correct its trigger, or take it out"
            continue
        objective = scenario.objective(each.serves)
        if objective is not None and objective.act != "answer" and min(arrived) > objective.limit:
            what = f"the inject {each.id} arrives {min(arrived)} s in, after the limit of {each.serves}"
            yield place, what, "let it arrive earlier, or serve another objective"
        if each.answer_by is not None and not any(
            each.id == other.inject for other in scenario.objectives if other.act == "answer"
        ):
            mend = f'add an [[objective]] with act = "answer" and inject = "{each.id}", or remove answer_by'
            yield place, f"nobody is scored for the answer to {each.id}", mend


def _truth(scenario: Scenario, plays: dict[str, PlayRecord]) -> Iterator[Found]:
    texts = [*scenario.player_texts(), *(text for played in plays.values() for text in _shown(played.lines))]
    for each in leaks(scenario, texts):
        yield ("truth",), f"players can read {each!r}, which is of the hidden truth", "say it in other words there"


def _shown(lines: Iterable[PlayLine]) -> Iterator[str]:
    """The texts of the lines that players see, without what the player wrote."""
    for line in lines:
        if line.kind not in record.HIDDEN:
            yield line.name
            yield str(line.data.get("output", "")) if line.name != "hint" else ""
