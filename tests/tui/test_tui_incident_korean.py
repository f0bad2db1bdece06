"""A Sev1 worked on in Korean at 80x24: no screen and no form of the way has English of ours left, or is cut."""

from __future__ import annotations

import re

import pytest

from support.incident_host import IncidentHost, worked_on
from support.screens import settled, show, visible
from support.snapshots import make_app, scene, session_status, snapshot

#: Ids, names, units, keys, words that are typed, and what the people of this incident wrote.
OURS = re.compile(
    r"API answers[^│┃]*|Qwen LLM failure[^│┃]*|[A-Z]{2,}[\w-]*|Sev[1-4]|Qwen|LLM|OOM|artisan|ARTISAN|Artisan|alice|bob|carol|enter|Enter|esc|tab|space|root|"
    r"API|failure|answers|[a-z]+@|L[1-4]|P[0-3]|j\.park|node|5xx|OSC"
)
#: What is typed into the form of a state, each with its word beside it.
STATES = re.compile(r"acknowledged|investigating|mitigating|mitigated")
ENGLISH = re.compile(
    r"\b(?:the|is|of|to|who|why|began|lasted|owner|times|well|luck|nobody|began|rollback|may|stay)\b", re.IGNORECASE
)

WAY = {
    "the list": ("3",),
    "declaring": ("3", "D"),
    "the room": ("3", "enter"),
    "its keys": ("3", "enter", "question_mark"),
    "a state": ("3", "enter", "s"),
    "a role": ("3", "enter", "w"),
    "the message": ("3", "enter", "i"),
    "resolving": ("3", "enter", "x"),
    "the postmortem": ("3", "enter", "d"),
    "the cause": ("3", "enter", "u"),
}


@pytest.mark.parametrize("keys", WAY.values(), ids=WAY.keys())
async def test_every_step_of_an_incident_is_korean(keys: tuple[str, ...]) -> None:
    held = worked_on()
    app = make_app(host=IncidentHost(held=held))
    async with app.run_test(size=(80, 24)) as pilot:
        status = session_status(language="ko")
        await show(pilot, snapshot(scene(), incidents=held.slice(), session_status=status))
        await settled(pilot)
        for key in keys:
            await pilot.press(key)
            await settled(pilot)
        lines = visible(app)
        text = "\n".join(lines)
        assert len(re.findall("[가-힣]", text)) > 60
        left = [line.strip() for line in lines if ENGLISH.search(OURS.sub("", line))]
        assert left == []


async def test_a_choice_has_its_word_beside_what_is_typed() -> None:
    held = worked_on()
    app = make_app(host=IncidentHost(held=held))
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, snapshot(scene(), incidents=held.slice(), session_status=session_status(language="ko")))
        for key in ("3", "enter", "s"):
            await pilot.press(key)
            await settled(pilot)
        text = "".join(visible(app))
        for state in STATES.findall(text)[:4]:
            assert re.search(rf"{state}\s+[가-힣]", text), state


async def test_the_environment_says_korean_as_on_the_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANGUAGE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "ko_KR.UTF-8")
    held = worked_on()
    app = make_app(host=IncidentHost(held=held))
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, snapshot(scene(), incidents=held.slice(), session_status=session_status(language="en")))
        await settled(pilot)
        await pilot.press("3")
        await settled(pilot)
        assert "인시던트" in "\n".join(visible(app))
