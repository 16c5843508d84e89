"""A judge in one line: an expression over `prompt` and `answer`, evaluated by itself, safely.

Python's own parser reads it, and this module alone evaluates what it gave: numbers, texts, lists,
a few named functions, comparisons, `for` in brackets. There is no attribute, no import, no `eval`;
steps and sizes are limited, so that no answer makes it run for long.
"""

import ast
import operator
from collections.abc import Callable, Iterator, Mapping
from typing import Any

MAX_CHARACTERS = 500
MAX_NODES = 200
MAX_STEPS = 20_000
MAX_SIZE = 10_000
MAX_NUMBER = 10**100

NAMES = ("prompt", "answer")


class ExpressionError(Exception):
    """An expression that can't be used; the text says what is wrong with it."""


class NoValue(Exception):  # noqa: N818
    """This answer has no value: text that is no number, nothing at that place, division by 0."""


NO_VALUE = (NoValue, ValueError, IndexError, ZeroDivisionError, OverflowError)

FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abs": abs,
    "all": all,
    "any": any,
    "int": int,
    "len": len,
    "lower": lambda text: _text(text).lower(),
    "max": max,
    "min": min,
    "reversed": lambda items: items[::-1] if isinstance(items, str) else list(items)[::-1],
    "set": lambda items=(): sorted(set(items)),
    "sorted": sorted,
    "split": lambda text, by=None: _text(text).split(by),
    "str": lambda value: str(value) if isinstance(value, int | float) else _text(value),
    "sum": lambda items: sum(items),
    "upper": lambda text: _text(text).upper(),
    "zip": lambda *items: [list(pair) for pair in zip(*items, strict=False)],
}

_NAMED = """
Add add, Sub sub, Mult mul, Div truediv, FloorDiv floordiv, Mod mod, USub neg, UAdd pos, Not not_,
Eq eq, NotEq ne, Lt lt, LtE le, Gt gt, GtE ge
"""
_OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    getattr(ast, node): getattr(operator, name)
    for node, name in (pair.split() for pair in _NAMED.split(","))
} | {
    ast.In: lambda part, whole: part in whole,
    ast.NotIn: lambda part, whole: part not in whole,
}

_ALLOWED = (
    ast.Expression,
    ast.BoolOp,
    ast.And,
    ast.Or,
    ast.UnaryOp,
    ast.BinOp,
    ast.Compare,
    ast.Call,
    ast.IfExp,
    ast.Constant,
    ast.Name,
    ast.Load,
    ast.Store,
    ast.Subscript,
    ast.Slice,
    ast.List,
    ast.Tuple,
    ast.GeneratorExp,
    ast.ListComp,
    ast.comprehension,
    *_OPERATORS,
)


class Expression:
    def __init__(self, text: str) -> None:
        """Raises ExpressionError: it can't be read, or uses what there is not."""
        self.text = text
        if len(text) > MAX_CHARACTERS:
            raise ExpressionError(f"it is longer than {MAX_CHARACTERS} characters")
        try:
            tree = ast.parse(text.strip(), mode="eval")
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            reason = error.msg if isinstance(error, SyntaxError) else "it can't be read"
            raise ExpressionError(f"it is no expression: {reason}") from None
        nodes = list(ast.walk(tree))
        if len(nodes) > MAX_NODES:
            raise ExpressionError("it has too many parts")
        bound = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        for node in nodes:
            _check(node, bound)
        self._body = tree.body

    def value(self, prompt: str, answer: str) -> float:
        """Work out the reward of an answer, 0 to 1: true is 1; an answer without a value has 0.
        Raises ExpressionError: it mixes what can't be mixed, gives no number, or takes too long."""
        try:
            value = self._evaluate(prompt, answer)
        except NO_VALUE:
            return 0.0
        except (TypeError, RecursionError) as error:
            raise ExpressionError(f"it can't be worked out: {error}") from None
        if not isinstance(value, int | float):
            raise ExpressionError(f"it gives {type(value).__name__}, not true, false or a number")
        return min(max(float(value), 0.0), 1.0) if value == value else 0.0

    def why_no_value(self, prompt: str, answer: str) -> str:
        """Say why this answer has no value, in Python's words; "" when it has one.
        Raises ExpressionError: it takes too long."""
        try:
            self._evaluate(prompt, answer)
        except NO_VALUE as error:
            return str(error) or "a number grows too large, or there are too few parts"
        except (TypeError, RecursionError):
            return ""
        return ""

    def _evaluate(self, prompt: str, answer: str) -> Any:
        return _Evaluation({"prompt": prompt, "answer": answer}).of(self._body)


def _check(node: ast.AST, bound: set[str]) -> None:
    if not isinstance(node, _ALLOWED):
        what = type(node).__name__.lower()
        raise ExpressionError(f"{what} is not allowed in it")
    if isinstance(node, ast.Call):
        if not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS or node.keywords:
            raise ExpressionError(f"only these functions are in it: {', '.join(FUNCTIONS)}")
    elif isinstance(node, ast.Constant):
        if not isinstance(node.value, str | int | float | bool) and node.value is not None:
            raise ExpressionError("only numbers and texts are constants in it")
        if isinstance(node.value, int) and abs(node.value) > MAX_NUMBER:
            raise ExpressionError("a number in it is too large")
    elif isinstance(node, ast.comprehension):
        if node.is_async:
            raise ExpressionError("async is not allowed in it")
    elif isinstance(node, ast.Name):
        is_ours = node.id in (*NAMES, *FUNCTIONS)
        if not is_ours and node.id not in bound:
            raise ExpressionError(f"it knows `prompt` and `answer`, not `{node.id}`")
        if is_ours and isinstance(node.ctx, ast.Store):
            raise ExpressionError(f"`{node.id}` can't be another thing in it")


class _Evaluation:
    def __init__(self, names: Mapping[str, object]) -> None:
        self._names = dict(names)
        self._n_steps = 0

    def of(self, node: ast.AST) -> Any:
        self._n_steps += 1
        if self._n_steps > MAX_STEPS:
            raise ExpressionError("it takes too long")
        value = self._of(node)
        if isinstance(value, str | list | tuple) and len(value) > MAX_SIZE:
            raise ExpressionError("it makes a text or a list that is too long")
        if isinstance(value, int) and abs(value) > MAX_NUMBER:
            raise NoValue
        return value

    def _of(self, node: ast.AST) -> Any:
        match node:
            case ast.Constant():
                return node.value
            case ast.Name():
                if node.id not in self._names:
                    raise ExpressionError(f"`{node.id}` is a function: it needs brackets")
                return self._names[node.id]
            case ast.BoolOp():
                value: Any = None
                for part in node.values:
                    value = self.of(part)
                    if bool(value) != isinstance(node.op, ast.And):
                        return value
                return value
            case ast.UnaryOp():
                return _OPERATORS[type(node.op)](self.of(node.operand))
            case ast.BinOp():
                return self._both(node.op, self.of(node.left), self.of(node.right))
            case ast.Compare():
                left = self.of(node.left)
                for op, part in zip(node.ops, node.comparators, strict=True):
                    right = self.of(part)
                    if not _OPERATORS[type(op)](left, right):
                        return False
                    left = right
                return True
            case ast.IfExp():
                return self.of(node.body if self.of(node.test) else node.orelse)
            case ast.List() | ast.Tuple():
                return [self.of(part) for part in node.elts]
            case ast.Subscript():
                return self.of(node.value)[self.of(node.slice)]
            case ast.Slice():
                parts = (node.lower, node.upper, node.step)
                return slice(*(None if part is None else self.of(part) for part in parts))
            case ast.Call(func=ast.Name(id=name)):
                return FUNCTIONS[name](*(self.of(part) for part in node.args))
            case ast.GeneratorExp() | ast.ListComp():
                return list(self._elements(node.elt, node.generators))
            case _:
                raise ExpressionError("it can't be worked out")

    def _both(self, op: ast.operator, left: Any, right: Any) -> Any:
        if isinstance(op, ast.Mult) and not all(
            isinstance(side, int | float) for side in (left, right)
        ):
            count, items = (left, right) if isinstance(left, int | float) else (right, left)
            if not isinstance(count, int) or not isinstance(items, str | list):
                raise TypeError("these can't be multiplied")
            if count * len(items) > MAX_SIZE:
                raise ExpressionError("it makes a text or a list that is too long")
        if isinstance(op, ast.Mod) and isinstance(left, str):  # '%1000000000d'
            raise TypeError("% is of numbers")
        return _OPERATORS[type(op)](left, right)

    def _elements(self, element: ast.AST, loops: list[ast.comprehension]) -> Iterator[Any]:
        if not loops:
            yield self.of(element)
            return
        for item in self.of(loops[0].iter):
            self._bind(loops[0].target, item)
            if all(self.of(condition) for condition in loops[0].ifs):
                yield from self._elements(element, loops[1:])

    def _bind(self, target: ast.AST, item: Any) -> None:
        if isinstance(target, ast.Name):
            self._names[target.id] = item
            return
        names = getattr(target, "elts", [])
        items = list(item)
        if len(names) != len(items):
            raise NoValue
        for name, part in zip(names, items, strict=True):
            self._bind(name, part)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{type(value).__name__} is no text")
    return value
