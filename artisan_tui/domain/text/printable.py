"""Text from outside made fit to show: printable characters and nothing else, and no secret of ours.

Bodies, labels, headers and logs are data. Escape sequences, control characters,
bidirectional overrides, invisible letters and floods of marks never reach a terminal or a log.
"""

from __future__ import annotations

from artisan_tui.domain.text.redaction import longest, redacted


def printable(text: str | bytes, limit: int = 4096, *, lines: bool = False) -> str:
    """``text`` with nothing in it that a terminal would act on, at most ``limit`` characters.

    Bytes are read as UTF-8, undecodable ones shown as U+FFFD. Line ends become spaces
    unless ``lines``; tabs become spaces. A cut is marked with an ellipsis. Secrets that were
    revealed are hidden before the cut, which must not leave half of one.
    """
    reach = limit * 8
    cut = len(text) > reach
    text = text[:reach].decode("utf-8", "replace") if isinstance(text, bytes) else text[:reach]
    if not (text.isprintable() and text.isascii()):
        from artisan_tui.domain.text.cleaning import clean, is_harmless

        if not (text.isprintable() and is_harmless(text)):
            text = clean(text, lines)
    if more := longest():
        cut = cut or len(text) > limit + more
        text = redacted(text[: limit + more], cut=cut)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def json_text(document: object, *, indent: int | None = None) -> str:
    """``document`` as JSON with nothing in it that a terminal would act on, and no secret of ours.

    Otherwise the same value for whoever parses it: what is not printable is spelled as an escape.
    """
    import json  # not before the first frame

    from artisan_tui.domain.text.cleaning import spelled_out

    text = json.dumps(document, ensure_ascii=False, indent=indent)
    return redacted(spelled_out(text, lambda char: json.dumps(char)[1:-1]))
