"""Text from outside stays text in Markdown."""

from __future__ import annotations

import html
import re

from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from artisan_tui.domain.text.printable import printable
from artisan_tui.reports.markdown import escaped, table

MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
PIECES = st.lists(
    st.sampled_from([*"ab_*`[](){}<>|~&#!$@\\-+=.)1 :/'", "http://x.y", "www.x.y", "<b>", "\n", "가", "1234567."]),
    max_size=14,
).map("".join)


@given(PIECES)
@example("1. x")
@example("- x")
@example("+ x")
@example("--- | a")
@example("[a](javascript:alert(1))")
def test_text_from_outside_is_text(text: str) -> None:
    said = " ".join(printable(text, 300).split())
    shown = html.escape(said, quote=False).replace('"', "&quot;")
    assert MARKDOWN.render(f"- {escaped(text)}") == (
        f"<ul>\n<li>{shown}</li>\n</ul>\n" if shown else "<ul>\n<li></li>\n</ul>\n"
    )
    cells = re.findall("<td>(.*?)</td>", MARKDOWN.render("\n".join(table(["a", "b"], [[escaped(text), "end"]]))))
    assert cells == [shown, "end"]


def test_addresses_are_not_made_links_of() -> None:
    """GitHub links these without being asked, CommonMark does not: so the escapes themselves are looked at."""
    assert escaped("see https://e.vil or WWW.e.vil or mailto:a@b.c") == (
        r"see https\://e.vil or WWW\.e.vil or mailto\:a\@b.c"
    )
