"""What a person reads of a step that is done by hand, in both languages."""

from __future__ import annotations

from artisan_tui.domain.runbooks.by_hand import shown_by_hand

MANUAL = {
    "instructions": "Look at it",
    "instructions_ko": "확인하세요",
    "checklist": ("one", "two"),
    "checklist_ko": ("하나", "둘"),
}
CHOICE = {
    "question": "Which",
    "question_ko": "무엇",
    "options": ({"label": "restart", "label_ko": "재시작", "goto": "next"}, {"label": "wait", "goto": "end"}),
}


def test_a_manual_step_is_shown_with_its_checklist() -> None:
    assert shown_by_hand("manual", MANUAL, korean=False) == "Look at it\n[ ] one\n[ ] two"
    assert shown_by_hand("manual", MANUAL, korean=True) == "확인하세요\n[ ] 하나\n[ ] 둘"


def test_what_has_no_korean_is_shown_in_english() -> None:
    assert shown_by_hand("manual", {"instructions": "Look", "checklist": ("one",)}, korean=True) == "Look\n[ ] one"


def test_an_option_keeps_its_label_because_it_is_the_answer() -> None:
    assert shown_by_hand("choice", CHOICE, korean=False) == "Which\nrestart\nwait"
    assert shown_by_hand("choice", CHOICE, korean=True) == "무엇\nrestart (재시작)\nwait"
