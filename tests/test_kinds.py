"""The kinds of lessons: whether a text is read or cards are taught, and whether rewards teach them.

Each kind has its own class, and a branch on a kind elsewhere is the exception: docs/architecture.md
lists every one of them, and why it is there.
"""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.source import trees

ARCHITECTURE = Path(__file__).parents[1] / "docs" / "architecture.md"

SAY_THE_KIND = {"is_text", "is_reading", "is_read", "has_read", "is_rewarded", "is_judged"}
CLASSES = {"TextDeck", "TextEncoding", "TextExaminer", "TextRivals", "ReadBefore", "TextBefore"}
CLASSES |= {"TextLesson", "TextRun", "TextLines", "RewardRun", "RewardLines"}
NONE_OF_OTHERS = {"judge", "reward"}
"""Fields that only a lesson with rewards has, and others have None in."""
PRACTICES = {"taught", "rewarded", "shuffled"}

OTHER_MEANING = {"base/child_process.py", "exchange/anki.py"}
"""Files in which a stream or a field is read, and no lesson."""


def name_of(node: ast.AST) -> str:
    match node:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
        case _:
            return ""


def says_the_kind(node: ast.expr) -> bool:
    match node:
        case ast.Attribute() | ast.Name():
            return name_of(node) in SAY_THE_KIND
        case ast.Call(func=ast.Name(id="isinstance"), args=[_, classes]):
            return any(name_of(part) in CLASSES for part in ast.walk(classes))
        case ast.Compare(left=left, ops=[ast.Is() | ast.IsNot()]):
            return name_of(left) in NONE_OF_OTHERS or ast.unparse(left).endswith("start.text")
        case ast.Compare(left=left, ops=[ast.Eq() | ast.NotEq()], comparators=[right]):
            values = {part.value for part in (left, right) if isinstance(part, ast.Constant)}
            return (
                bool(values & PRACTICES)
                and {name_of(left), name_of(right)}
                & {
                    "practice",
                    "practised",
                }
                != set()
            )
        case _:
            return False


def conditions(tree: ast.AST) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        match node:
            case ast.If(test=test) | ast.IfExp(test=test) | ast.While(test=test):
                yield test
            case ast.comprehension(ifs=tests):
                yield from tests
            case ast.BoolOp(values=values):
                yield from values
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                yield operand
            case ast.Match(subject=subject):
                yield subject
            case ast.match_case(guard=ast.expr() as guard):
                yield guard


def branches(tree: ast.AST) -> set[int]:
    """Return the lines of the conditions that ask for a kind."""
    return {
        node.lineno
        for condition in conditions(tree)
        for node in ast.walk(condition)
        if isinstance(node, ast.expr) and says_the_kind(node)
    }


@pytest.mark.parametrize(
    "source",
    [
        "if state.is_reading: pass",
        "a = 1 if deck.is_text else 2",
        "b = [deck for deck in decks if not is_text(deck)]",
        "c = state.reward is not None and state.reward.total",
        "if isinstance(deck, text.TextDeck | Deck): pass",
        "if start.text is None: pass",
        "if memory.practice != 'taught': pass",
        "while is_on and is_rewarded: pass",
    ],
)
def test_a_branch_on_a_kind_is_recognised(source: str) -> None:
    assert branches(ast.parse(source)) == {1}


@pytest.mark.parametrize(
    "source",
    ["verdict(seen, is_text=deck.is_text)", "if guess.how == 'taught': pass", "if deck.text: pass"],
)
def test_what_is_passed_on_or_is_something_else_is_no_branch(source: str) -> None:
    assert branches(ast.parse(source)) == set()


def listed() -> Counter[str]:
    """Read the table: how many lines of each file branch on a kind."""
    section = ARCHITECTURE.read_text().partition("still branch on a kind")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| ")]
    found: Counter[str] = Counter()
    for row in rows:
        for path, times in re.findall(r"`([\w/]+\.py)`(?: ×(\d+))?", row.split("|")[1]):
            found[path] += int(times or 1)
    return found


def test_every_branch_on_a_kind_is_listed_in_the_architecture() -> None:
    lines = {path: branches(tree) for path, tree in trees().items() if path not in OTHER_MEANING}
    found = Counter({path: len(numbers) for path, numbers in lines.items() if numbers})
    table = listed()
    wrong = {
        path: f"lines {sorted(lines.get(path, ()))}, listed {table[path]}"
        for path in sorted({*found, *table})
        if found[path] != table[path]
    }
    assert wrong == {}, "give the kind a method, or say in docs/architecture.md why not"
