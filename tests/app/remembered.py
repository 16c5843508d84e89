"""What Textual works out again for each app and message, and tests need once in a process:
parsed stylesheets, the styles of widgets, handlers, and how many parameters they have.

It was a third of the time of `tests/app`. What is drawn stays the same: the pictures say so.
"""

from collections.abc import Callable, Iterable
from inspect import CO_VARARGS, CO_VARKEYWORDS
from types import FunctionType, MethodType
from typing import Any, NamedTuple

from textual import _callback
from textual.css.model import RuleSet
from textual.css.styles import RulesMap
from textual.css.stylesheet import Stylesheet
from textual.dom import DOMNode
from textual.message import Message
from textual.message_pump import MessagePump
from textual.widget import Widget

# Stylesheets


def parse_once(parse: Callable[..., list[RuleSet]]) -> Callable[..., list[RuleSet]]:
    """Keep what was parsed of a stylesheet for later apps."""
    parsed: dict[object, list[RuleSet]] = {}

    def rules(sheet: Stylesheet, *given: Any, **named: Any) -> list[RuleSet]:
        key = (frozenset(sheet._variables.items()), *given, *named.items())
        if key not in parsed:
            parsed[key] = parse(sheet, *given, **named)
        return parsed[key]

    return rules


PARSE_RULES = Stylesheet._parse_rules

# Styles of widgets

OF_ALL = frozenset({"dark", "light", "ansi", "nocolor", "inline"})
"""Pseudo classes that all widgets of an app have, or none."""

Place = tuple[object, ...]


class Matched(NamedTuple):
    """The rules of a widget, None where no rule is about it, and what Textual notes of it."""

    rules: RulesMap | None
    notes: dict[str, bool]


NOTES = ("_has_hover_style", "_has_focus_within", "_has_order_style", "_has_odd_or_even")

APPLY, REPLACE = Stylesheet.apply, Stylesheet.replace_rules


class Sheets:
    """Numbers stylesheets by their rules, which `parse_once` keeps for good."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[int, ...], int] = {}
        self._pseudo_classes: list[frozenset[str]] = []

    def number(self, sheet: Stylesheet) -> int:
        rules = sheet.rules
        known: tuple[object, int] | None = getattr(sheet, "_numbered", None)
        if known is not None and known[0] is rules:
            return known[1]
        number = self._numbers.setdefault(tuple(map(id, rules)), len(self._numbers))
        if number == len(self._pseudo_classes):
            self._pseudo_classes.append(
                frozenset().union(*(rule.pseudo_classes for rule in rules)) - OF_ALL
            )
        sheet._numbered = rules, number  # type: ignore[attr-defined]
        return number

    def place(self, sheet: Stylesheet, node: DOMNode) -> Place:
        """Return all that rules can know of a widget: of it and of all around it."""
        number = self.number(sheet)
        names = self._pseudo_classes[number]
        app = node.app
        place: list[object] = [number, app.theme, app.native_ansi_color, app.no_color]
        ancestor: object = node
        while isinstance(ancestor, DOMNode):
            checks = ancestor._PSEUDO_CLASSES
            pseudo = tuple([n for n in names if n in checks and checks[n](ancestor)])  # type: ignore[arg-type]
            place += [type(ancestor), ancestor.id, ancestor.classes, pseudo]
            ancestor = ancestor._parent
        return tuple(place)


SHEETS = Sheets()
WIDGETS: dict[Place, Matched] = {}
PARTS: dict[tuple[Place, frozenset[str]], RulesMap] = {}


class _Now:
    """The widget that is being styled, its place, and the rules that it was given last."""

    widget: DOMNode | None = None
    place: Place = ()
    rules: RulesMap | None = None


def apply(sheet: Stylesheet, node: DOMNode, *, animate: bool = False, **named: Any) -> None:
    """Give a widget its styles, or a part of the widget that is being styled."""
    if not isinstance(node, Widget):
        if node._parent is _Now.widget and _Now.widget is not None:
            _apply_to_part(sheet, node)
        else:
            APPLY(sheet, node, animate=animate, **named)
        return
    place = SHEETS.place(sheet, node)
    _Now.widget, _Now.place, _Now.rules = node, place, None
    matched = WIDGETS.get(place)
    if matched is None:
        APPLY(sheet, node, animate=animate)
        WIDGETS[place] = Matched(_Now.rules, {name: getattr(node, name) for name in NOTES})
    else:
        for name, note in matched.notes.items():
            setattr(node, name, note)
        if matched.rules is not None:
            sheet.replace_rules(node, matched.rules, animate=animate)
        sheet._process_component_classes(node)
    _Now.widget = None


def _apply_to_part(sheet: Stylesheet, part: DOMNode) -> None:
    key = _Now.place, part.classes
    if key not in PARTS:
        APPLY(sheet, part)
        PARTS[key] = part._css_styles._rules.copy()
    else:
        part._css_styles._rules.update(PARTS[key])


def replace_rules(node: DOMNode, rules: RulesMap, animate: bool = False) -> None:
    if node is _Now.widget:
        _Now.rules = rules
    if not animate and node.styles.base._rules == rules:
        node.notify_style_update()
    else:
        REPLACE(node, rules, animate)


# Handlers

Handler = tuple[type, Callable[..., Any]]
HANDLERS: dict[tuple[type, str, type], list[Handler] | None] = {}
"""The handlers of a kind of message, by the widget's class and their name; None where it depends
on who sent it."""

DISPATCH = MessagePump._get_dispatch_methods


def handlers(pump: MessagePump, name: str, message: Message) -> Iterable[Handler]:
    """Give the handlers of a message, until one of them says that no other is to follow."""
    key = type(pump), name, type(message)
    if key not in HANDLERS:
        HANDLERS[key] = _handlers_of(*key)
    of_class = HANDLERS[key]
    if of_class is None:
        yield from DISPATCH(pump, name, message)
        return
    last: type | None = None
    for cls, method in of_class:
        if cls is not last and message._no_default_action:
            return
        last = cls
        yield cls, method.__get__(pump, cls)


def _handlers_of(pump: type, name: str, kind: type[Message]) -> list[Handler] | None:
    of_class: list[Handler] = []
    seen = set()
    for cls in pump.__mro__:
        decorated = cls.__dict__.get("_decorated_handlers", {})
        for message in kind.__mro__:
            for method, selectors in decorated.get(message, ()):
                if selectors:
                    return None
                if method not in seen:
                    of_class.append((cls, method))
                    seen.add(method)
        method = cls.__dict__.get(f"_{name}") or cls.__dict__.get(name)
        if method is not None and not getattr(method, "_textual_on", None):
            of_class.append((cls, method))
    return of_class


COUNT = _callback._count_parameters


def n_parameters(function: Callable[..., Any]) -> int:
    """Count the parameters of a function; `inspect` takes long to say what its code says."""
    if isinstance(function, MethodType):
        return n_parameters(function.__func__) - 1
    if type(function) is not FunctionType or hasattr(function, "__wrapped__"):
        return COUNT(function)
    code = function.__code__
    n_starred = bool(code.co_flags & CO_VARARGS) + bool(code.co_flags & CO_VARKEYWORDS)
    return code.co_argcount + code.co_kwonlyargcount + n_starred


def remember() -> None:
    """Have all apps of this process use what is kept here."""
    Stylesheet._parse_rules = parse_once(PARSE_RULES)  # type: ignore[method-assign]
    Stylesheet.apply = apply  # type: ignore[method-assign, assignment]
    Stylesheet.replace_rules = staticmethod(replace_rules)  # type: ignore[method-assign]
    MessagePump._get_dispatch_methods = handlers  # type: ignore[method-assign, assignment]
    _callback._count_parameters = n_parameters  # type: ignore[assignment]
