"""Fills the templates of this folder. Every text is escaped; a name that is missing is an error."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from flashcards.base.language import capital, chosen, format_number, tr

if TYPE_CHECKING:
    from jinja2 import Environment


def render(template: str, **values: object) -> str:
    """The template with these values in it, in the user's language.

    Templates have `tr` and `language()`, and the filters `commas` (1,234; in German 1.234) and
    `tenth` (a coordinate: 3.2, 3).
    """
    return _environment().get_template(template).render(values)


def source(name: str) -> str:
    """A file of this folder that stands in a page as it is."""
    return (Path(__file__).parent / name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    # Here, not above: the screen imports the charts, and jinja2 takes 40 ms.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_without_control_characters,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"capital": capital, "commas": commas, "tenth": tenth}
    environment.globals |= {"tr": tr, "language": chosen}
    return environment


def commas(value: int) -> str:
    """A number with the language's separator of thousands."""
    return format_number(value, ",")


def tenth(value: float) -> str:
    """A coordinate, to a tenth."""
    return f"{value:.1f}".removesuffix(".0")


def _without_control_characters(value: object) -> object:
    """The value, or the text without what XML 1.0 cannot carry (and HTML should not)."""
    if not isinstance(value, str) or value.isprintable():
        return value
    return type(value)("".join(character for character in value if _is_allowed(character)))


def _is_allowed(character: str) -> bool:
    code = ord(character)
    return character in "\t\n" or 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or code > 0xFFFF
