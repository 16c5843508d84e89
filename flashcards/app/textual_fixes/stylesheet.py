"""A stylesheet that reads each style once: Textual 8.2 reads all again for every new screen.

That was a tenth of the processor time in which a view opens.
"""

from __future__ import annotations

from typing import ClassVar

from textual.cache import LRUCache
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.css.types import CSSLocation

N_REMEMBERED = 1024


class RememberingStylesheet(Stylesheet):
    """Rules are remembered by their text and all variables, whichever stylesheet read them."""

    _remembered: ClassVar[LRUCache[tuple[object, ...], list[RuleSet]]] = LRUCache(N_REMEMBERED)

    def __init__(self, *, variables: dict[str, str]) -> None:
        super().__init__(variables=variables)
        self._key = tuple(variables.items())

    def set_variables(self, variables: dict[str, str]) -> None:
        super().set_variables(variables)
        self._key = tuple(variables.items())

    def _parse_rules(
        self,
        css: str,
        read_from: CSSLocation,
        is_default_rules: bool = False,
        tie_breaker: int = 0,
        scope: str = "",
    ) -> list[RuleSet]:
        key = (css, read_from, is_default_rules, tie_breaker, scope, self._key)
        rules = self._remembered.get(key)
        if rules is None:
            rules = super()._parse_rules(css, read_from, is_default_rules, tie_breaker, scope)
            self._remembered[key] = rules
        return rules

    def reparse(self) -> None:
        """The rules of all sources; those of before stay when one is wrong."""
        self.parse()
