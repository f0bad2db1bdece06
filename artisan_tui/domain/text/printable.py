"""Untrusted text made printable, with known secrets removed.

Bodies, labels, headers and logs are data. Escape sequences, control characters, bidirectional overrides,
invisible letters and excessive combining marks never reach a terminal or a log.
"""

from __future__ import annotations

from artisan_tui.domain.text.redaction import longest, redacted


def printable(text: str | bytes, limit: int = 4096, *, lines: bool = False, cut: bool = False) -> str:
    """``text`` without anything that a terminal would act on, at most ``limit`` characters.

    Bytes are decoded as UTF-8, invalid ones become U+FFFD. Tabs become spaces, and so do line ends
    unless ``lines``. A cut is marked with an ellipsis. Known secrets are replaced before the cut, so
    that the cut cannot leave a part of one. ``cut``: the text was cut before, so it may end inside one.
    """
    reach = limit * 8
    cut = cut or len(text) > reach
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
    """``document`` as JSON without anything that a terminal would act on, and without known secrets.

    Unprintable characters are written as JSON escapes, so a parser reads the same value.
    """
    import json  # imported late: not needed for the first frame

    from artisan_tui.domain.text.cleaning import spelled_out

    text = json.dumps(_without_secrets(document), ensure_ascii=False, indent=indent)
    return spelled_out(text, lambda char: json.dumps(char)[1:-1])


def _without_secrets(value: object) -> object:
    """``value`` without secrets in its texts. In the written JSON, a secret may begin inside an escape."""
    match value:
        case str():
            return redacted(value)
        case dict():
            return {_without_secrets(key): _without_secrets(each) for key, each in value.items()}
        case list() | tuple():
            return [_without_secrets(each) for each in value]
    return value
