"""A stylesheet that reads each style once: Textual's reads all of them again for every new screen.

That was a quarter of the processor time in which a view opens. As much was spent on finding again,
whenever a class or the focus changed, which of all rules apply to each widget of the screen: what
was found is remembered, too, and where a widget has those rules already nothing is done.
"""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple
from weakref import WeakKeyDictionary

from textual.app import App
from textual.cache import LRUCache
from textual.css.model import RuleSet
from textual.css.styles import RulesMap
from textual.css.stylesheet import Stylesheet
from textual.css.types import CSSLocation
from textual.dom import DOMNode
from textual.widget import Widget

N_REMEMBERED = 1024
N_LISTS_REMEMBERED = 64

OF_A_WIDGET = frozenset({"hover", "focus", "blur", "disabled", "enabled", "can-focus"})
OF_THE_APP = frozenset({"dark", "light", "inline", "ansi", "nocolor"})
"""The pseudo-classes that are in a state. For the others Textual looks at each widget anew."""

State = tuple[object, ...]
"""All that decides which rules apply to a widget: its names, and those of what it is in."""

# By identity, as Textual's own, which takes a fifth of the time to find the rules of a widget
RuleSet.__hash__ = object.__hash__  # type: ignore[method-assign]


class Rules:
    """One list of rules, and what was found in it."""

    def __init__(self, rules: list[RuleSet]) -> None:
        self.rules = rules  # whose identities are the key of this: they must stay
        self.found: dict[State, RulesMap] = {}


class Found(dict[Any, RulesMap]):
    """What Textual takes for its cache of one update; what it puts there is kept for longer."""

    def __init__(self, rules: Rules, state: State) -> None:
        super().__init__()
        self._found, self._state = rules.found, state

    def get(self, key: Any, default: Any = None) -> Any:
        return self._found.get(self._state, default)

    def __setitem__(self, key: Any, rules: RulesMap) -> None:
        self._found[self._state] = rules


class Given(NamedTuple):
    """What was found for a node, and the rules that it has of that: the same, read."""

    found: RulesMap
    rules: RulesMap


class RememberingStylesheet(Stylesheet):
    """Rules are remembered by their text and all variables, whichever stylesheet read them."""

    _remembered: ClassVar[LRUCache[tuple[object, ...], list[RuleSet]]] = LRUCache(N_REMEMBERED)
    _lists: ClassVar[LRUCache[tuple[int, ...], Rules]] = LRUCache(N_LISTS_REMEMBERED)

    def __init__(self, *, variables: dict[str, str]) -> None:
        super().__init__(variables=variables)
        self._key = tuple(variables.items())
        self._read: list[RuleSet] | None = None
        self._now = Rules([])
        self._given: WeakKeyDictionary[DOMNode, Given] = WeakKeyDictionary()

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

    def apply(
        self,
        node: DOMNode,
        *,
        animate: bool = False,
        cache: dict[tuple[Any, ...], RulesMap] | None = None,
    ) -> None:
        """Give the node the rules that apply to it, and its parts theirs."""
        rules, state = self._rules_of_now(), state_of(node)
        if self._has(node, rules.found.get(state)):
            self._process_component_classes(node)
            node.notify_style_update()
            return
        super().apply(node, animate=animate, cache=Found(rules, state))
        found = rules.found.get(state)
        if found is not None:
            self._given[node] = Given(found, node.styles.base.get_rules())

    def _process_component_classes(self, node: DOMNode) -> None:
        """Textual makes a node for each of these to find its rules."""
        names, parts = node._get_component_classes(), node._component_styles
        if not names:
            return
        found, state = self._rules_of_now().found, state_of(node)
        if parts.keys() != names or not all(
            self._has(parts[name].node, found.get(state_of_part(state, name))) for name in names
        ):
            super()._process_component_classes(node)

    def _has(self, node: DOMNode | None, found: RulesMap | None) -> bool:
        """Whether it has what was found now: an animation changes that on the way."""
        given = None if node is None else self._given.get(node)
        if node is None or found is None or given is None:
            return False
        return found == given.found and node.styles.base._rules == given.rules

    def _rules_of_now(self) -> Rules:
        rules = self.rules
        if rules is not self._read:
            key = tuple(map(id, rules))
            now = self._lists.get(key)
            if now is None:
                now = self._lists[key] = Rules(rules)
            self._read, self._now = rules, now
        return self._now


def state_of(node: DOMNode) -> State:
    parent = node._parent
    above = state_of(parent) if isinstance(parent, DOMNode) else ()
    names = (type(node), node._id, frozenset(node._classes))
    if isinstance(node, Widget):
        return (
            above,
            *names,
            node.mouse_hover,
            node.has_focus,
            node.is_disabled,
            node.allow_focus(),
        )
    if isinstance(node, App):
        return (above, *names, *(node.has_pseudo_class(name) for name in ("focus", *OF_THE_APP)))
    return (above, *names)


def state_of_part(state: State, name: str) -> State:
    """The state of what Textual makes to find the rules of a part of a widget."""
    return (state, DOMNode, None, frozenset({name}))
