"""Lines of the screen are as Textual's, and freed when nobody has them."""

from __future__ import annotations

import gc
import weakref

from rich.segment import Segment
from rich.style import Style
from textual.cache import FIFOCache
from textual.strip import Strip

from flashcards.app.kit import strips

SEGMENTS = [Segment("apple ", Style(bold=True)), Segment("tree")]


def test_the_caches_are_those_that_textual_makes() -> None:
    assert strips.CACHES["_divide_cache"] == 4
    strip = Strip(SEGMENTS)
    for name, size in strips.CACHES.items():
        cache = getattr(strip, name)
        assert isinstance(cache, FIFOCache)
        assert cache._maxsize == size
        assert getattr(strip, name) is cache
    assert {name for name in Strip.__slots__ if hasattr(strip, name)} == set(Strip.__slots__)


def test_a_line_is_cut_as_before() -> None:
    strip = Strip(SEGMENTS)
    for cuts in ([10], [4, 10], [6, 10], [4], [10, 12], []):
        whole = Strip(SEGMENTS)
        assert list(strip.divide(cuts)) == list(strips._divide(whole, cuts))
    assert strip.divide([10])[0] is strip
    assert strip.divide([4, 10])[0] is strip.divide([4, 10])[0]
    assert strip.crop(2, 8).text == "ple tr"


def test_a_line_has_nothing_else() -> None:
    assert not hasattr(Strip(SEGMENTS), "no_such_cache")


class Watched(Strip):
    """One that can be referred to weakly."""


def test_a_line_that_is_not_cut_is_no_garbage() -> None:
    strip = Watched(SEGMENTS)
    strip.divide([strip.cell_length])
    gone = weakref.ref(strip)
    gc.disable()
    try:
        del strip
        assert gone() is None
    finally:
        gc.enable()
