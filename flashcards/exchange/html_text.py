"""A field of HTML as plain text; nothing in it is followed or run."""

import re
from html.parser import HTMLParser

import msgspec

MAX_FIELD_CHARACTERS = 20_000  # a longer field is no card; enclosed pictures don't count

_DATA_URL = re.compile(r"data:[\w.+-]{1,40}/[\w.+-]{1,80};base64,[A-Za-z0-9+/=%\s]*")
_SOUND = re.compile(r"\[sound:[^\[\]\n]{0,500}\]|\[anki:play:[qa]:\d{1,6}\]")
_SPACE = re.compile("[ \t\r\n\f\xa0]+")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_LINES = _words(
    "address article aside blockquote br center dd div dl dt fieldset figure footer form h1 h2 "
    "h3 h4 h5 h6 header hr li main nav ol p pre section table tbody tfoot thead tr ul"
)
_INLINE = _words(
    "a abbr acronym anki-mathjax b bdi bdo big body caption cite code col colgroup data del dfn "
    "em figcaption font head html i ins kbd label mark meter nobr q rb rp rt ruby s samp small "
    "span strike strong sub summary details sup td th time tt u var wbr link meta"
)
_EMBEDDED = _words(
    "applet button canvas embed frame iframe input math object script select style svg textarea "
    "title noscript template video"
)
_SILENT = _words("script style svg object noscript template textarea title rp")
"""Elements whose text is none of the card's."""

_RAISED = str.maketrans("0123456789+-=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ")
_LOWERED = str.maketrans("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎")


_TAG = re.compile(
    r"<(/?)(a|b|br|div|em|font|h[1-6]|hr|i|img|li|ol|p|span|strong|sub|sup|table|td|tr|u|ul)\b[^<>]*>"
    r"|&(?:nbsp|amp|lt|gt|quot|#\d{1,6});",
    re.IGNORECASE,
)
_ALONE = frozenset(("br", "hr", "img"))
"""Tags that nothing closes."""


_LINE_TAG = re.compile(r"<(?:br|div|h[1-6]|hr|li|ol|p|table|tr|ul)\b", re.IGNORECASE)
_NO_TEXT = re.compile(r"<[^<>]*>|&nbsp;|\[sound:[^\[\]\n]{0,500}\]")


def has_line_tags(html: str) -> bool:
    """Tell whether tags say where lines begin; line ends are then mere white space."""
    return _LINE_TAG.search(html) is not None


def has_text(field: str) -> bool:
    """Tell whether text is left of a field of HTML without its tags, pictures and sounds."""
    if len(field) > MAX_FIELD_CHARACTERS:
        return True
    if not any(mark in field for mark in "<&["):
        return bool(field.strip())
    return bool(_NO_TEXT.sub("", field).strip())


def looks_like_html(text: str) -> bool:
    """Tell whether a text has an entity, a tag that is closed, or one that needs no closing."""
    if "<" not in text and "&" not in text:
        return False
    opened: set[str] = set()
    closed: set[str] = set()
    for tag in _TAG.finditer(text):
        name = (tag[2] or "").lower()
        if not name or name in _ALONE:
            return True
        (closed if tag[1] else opened).add(name)
    return not opened.isdisjoint(closed)


_COMMENT = re.compile("<!--.*?-->", re.DOTALL)
_NO_TAG = re.compile(r"<(?!(?:[A-Za-z/?]|![A-Za-z])[^<>]*>)")
"""A sign that begins no tag is text. The parser would look for its end again and again, a time that
grows with the square of such signs."""


class PlainText(msgspec.Struct, frozen=True):
    """The text of a field, lines parted by LF, and the kinds of losses: "picture", "sound" …"""

    text: str
    kinds: tuple[str, ...] = ()


def as_text(html: str, *, is_preformatted: bool = False) -> PlainText:
    """The field as text: line breaks kept, entities read, formulas left as they are written.
    `is_preformatted`: whether white space counts, as under `white-space: pre-wrap`."""
    html = without_data(html)
    kinds: dict[str, None] = {}
    if len(html) > MAX_FIELD_CHARACTERS:
        return PlainText(html)
    if "[" in html:
        html, n_sounds = _SOUND.subn(" ", html)
        if n_sounds:
            kinds["sound"] = None
    if "<" not in html and "&" not in html:
        text = html if is_preformatted else _SPACE.sub(" ", html).strip()
        return PlainText(text, tuple(kinds))
    reader = _FieldParser("\n" if is_preformatted else " ")
    reader.feed(_NO_TAG.sub("&lt;", _without_comments(html)))
    reader.close()
    kinds |= reader.kinds
    text = "".join(reader.parts)
    if not is_preformatted:
        lines = (_SPACE.sub(" ", line).strip() for line in text.split("\n"))
        text = "\n".join(filter(None, lines))
    return PlainText(text, tuple(kinds))


def _without_comments(html: str) -> str:
    before, end, after = html.rpartition("-->")
    return _COMMENT.sub("", before + end) + after


def without_data(html: str) -> str:
    return _DATA_URL.sub("data:", html) if "data:" in html else html


class _FieldParser(HTMLParser):
    """Collects text; `kinds` are the losses it met; `line_end` what a line feed in it becomes."""

    def __init__(self, line_end: str) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.kinds: dict[str, None] = {}
        self._line_end = line_end
        self._silent: list[str] = []
        self._shift = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            self.kinds["picture"] = None
        elif tag in ("audio", "source", "track"):
            self.kinds["sound"] = None
        elif tag in _LINES:
            self.parts.append("\n")
        elif tag in ("td", "th"):
            self.parts.append(" ")
        elif tag == "rt":
            self.parts.append("(")
        elif tag in ("sup", "sub"):
            self._shift = tag
        elif tag in _EMBEDDED:
            self.kinds["embedded"] = None
        elif tag not in _INLINE:
            # No tag of HTML: text that somebody wrote with angle brackets.
            self.handle_data(self.get_starttag_text() or "")
        if tag in _SILENT:
            self._silent.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag in _SILENT and self._silent:
            self._silent.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag in self._silent:
            while self._silent.pop() != tag:
                pass
        elif tag in ("sup", "sub"):
            self._shift = ""
        elif tag == "rt":
            self.parts.append(")")
        elif tag in _LINES:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        if self._shift:
            shifted = data.translate(_RAISED if self._shift == "sup" else _LOWERED)
            if all(a != b for a, b in zip(data, shifted, strict=True)):  # Unicode has each
                data = shifted
        self.parts.append(data.replace("\n", self._line_end))
