"""One file names others: its values hold in them, a pattern is followed, and what is wrong is said with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from artisan_tui.config.problems import ConfigError
from artisan_tui.config.runbooks.load import Library, load_library

BOOK = '[[runbook]]\nid = "{id}"\ntitle = "T"\n[[runbook.step]]\nid = "s"\nkind = "manual"\ninstructions = "{text}"\n'


def written(folder: Path, **files: str) -> Path:
    """``top`` is the first file; the others are below more/."""
    (folder / "more").mkdir()
    for name, text in files.items():
        path = folder / "runbooks.toml" if name == "top" else folder / "more" / f"{name}.toml"
        path.write_text(text, "utf-8")
    return folder / "runbooks.toml"


def problems(path: Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_library([path])
    return [str(each) for each in caught.value.problems]


def test_the_files_of_a_pattern_come_in_the_order_of_their_names_after_the_index(tmp_path: Path) -> None:
    top = written(
        tmp_path,
        top='runbooks = ["more/*.toml"]\n' + BOOK.format(id="first", text="x"),
        b=BOOK.format(id="of_b", text="x"),
        a=BOOK.format(id="of_a", text="x"),
    )
    library = load_library([top])
    assert list(library.runbooks) == ["first", "of_a", "of_b"]
    assert [each.path.name for each in library.files] == ["runbooks.toml", "a.toml", "b.toml"]
    assert tmp_path / "more" in library.watched


def test_the_values_of_the_index_hold_where_a_file_says_nothing_else(tmp_path: Path) -> None:
    top = written(
        tmp_path,
        top='runbooks = ["more/a.toml"]\n[vars]\napi = "of the index"\nfile = "f"\n[vars.there]\napi = "index, there"\n',
        a='[vars]\nfile = "own"\n[vars.there]\nmore = 1\n' + BOOK.format(id="a", text="{{ api }}"),
    )
    book = load_library([top]).runbooks["a"]
    assert book.vars == {"api": "of the index", "file": "own"}
    assert book.at("there").vars == {"api": "index, there", "file": "own", "more": 1}


def test_what_is_wrong_names_the_file_the_line_and_the_mend(tmp_path: Path) -> None:
    top = written(
        tmp_path,
        top='runbooks = [\n  "more/none.toml",\n  "more/x*.toml",\n  "more/a.toml",\n  "more/b.toml",\n]\n'
        + BOOK.format(id="first", text="x"),
        a=BOOK.format(id="a", text="x"),
        b='runbooks = ["c.toml"]\n' + BOOK.format(id="b", text="x"),
    )
    found = problems(top)
    assert len(found) == 3
    assert "runbooks.toml:2: runbooks: there is no file 'more/none.toml'" in found[0]
    assert "runbooks.toml:3: runbooks: no file is 'more/x*.toml'" in found[1]
    assert "b.toml:1: runbooks: runbooks.toml names this file, and only that one names others" in found[2]


def test_an_id_in_two_files_is_found(tmp_path: Path) -> None:
    top = written(
        tmp_path,
        top='runbooks = ["more/a.toml"]\n' + BOOK.format(id="same", text="x"),
        a=BOOK.format(id="same", text="x"),
    )
    assert "a.toml:2: runbook.id: the id 'same' is already used in runbooks.toml" in problems(top)[0]


def test_a_file_that_names_itself_by_its_pattern_is_read_once(tmp_path: Path) -> None:
    path = tmp_path / "runbooks.toml"
    path.write_text('runbooks = ["*.toml"]\n' + BOOK.format(id="one", text="x"), "utf-8")
    library: Library = load_library([path])
    assert list(library.runbooks) == ["one"]


def test_the_keys_for_readers_are_kept_and_change_no_step(tmp_path: Path) -> None:
    path = tmp_path / "runbooks.toml"
    path.write_text(
        '[[runbook]]\nid = "a"\ntitle = "T"\ntrigger = "when"\ntrigger_ko = "언제"\ndescription_ko = "설명"\n'
        'source = ["SRE Guide §1"]\n[[runbook.step]]\nid = "m"\nkind = "manual"\ninstructions = "do"\n'
        'instructions_ko = "하기"\nchecklist = ["one"]\nchecklist_ko = ["하나"]\n'
        '[[runbook.step]]\nid = "c"\nkind = "choice"\nquestion = "which"\nquestion_ko = "무엇"\n'
        'options = [{ label = "x", label_ko = "엑스", goto = "next" }]\n',
        "utf-8",
    )
    book = load_library([path]).runbooks["a"]
    assert (book.trigger, book.trigger_ko, book.description_ko, book.source) == (
        "when",
        "언제",
        "설명",
        ("SRE Guide §1",),
    )
    assert book.steps[0].action.body["checklist_ko"] == ("하나",)
    assert book.steps[1].action.body["options"][0]["label_ko"] == "엑스"


def test_a_korean_checklist_has_the_same_items(tmp_path: Path) -> None:
    path = tmp_path / "runbooks.toml"
    path.write_text(
        '[[runbook]]\nid = "a"\ntitle = "T"\n[[runbook.step]]\nid = "m"\nkind = "manual"\ninstructions = "do"\n'
        'checklist = ["one", "two"]\nchecklist_ko = ["하나"]\n',
        "utf-8",
    )
    assert "the checklist has 2 items, and 1 in Korean" in problems(path)[0]
