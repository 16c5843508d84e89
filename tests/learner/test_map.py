"""The learner's folders say themselves in which order they are read, and leave no file out."""

import ast
import re
import textwrap
from pathlib import Path

import pytest

import flashcards.learner
from flashcards.cards.shelf import load, shipped
from flashcards.learner.learner import Learner
from flashcards.learner.order import CardOrder
from flashcards.learner.settings import LearnerSettings
from flashcards.runs.marks import RIGHT

FOLDER = Path(flashcards.learner.__file__).parent
NUMBERED = re.compile(r"^ {4}(?:(?P<number>\d+) +)?(?P<rest>.*?)(?P<file>\w+\.py) ", re.MULTILINE)


def docstring_of(path: Path) -> str:
    return ast.get_docstring(ast.parse(path.read_text("utf-8")), clean=False) or ""


def parts() -> dict[str, int]:
    """The part of each file on the map."""
    part_of = {}
    number = 0
    for row in NUMBERED.finditer(docstring_of(FOLDER / "__init__.py")):
        number = int(row["number"] or number)
        part_of[row["file"]] = number
    return part_of


@pytest.mark.slow
def test_the_loop_on_the_map_teaches() -> None:
    text = docstring_of(FOLDER / "__init__.py")
    rows = text.partition("The whole loop")[2].partition("Words:")[0].splitlines()
    loop = textwrap.dedent("\n".join(row for row in rows if row.startswith("    ")))
    deck, _ = load(shipped() / "capitals.deck")
    names = {"LearnerSettings": LearnerSettings, "Learner": Learner, "CardOrder": CardOrder}
    scope = {**names, "deck": deck}
    exec(loop, scope)
    learner = scope["learner"]
    assert isinstance(learner, Learner)
    assert learner.step == 100
    assert learner.grade(deck.taught).marks.count(RIGHT) > len(deck.taught) / 2


def test_the_map_has_every_file_and_parts_come_one_after_another() -> None:
    files = {path.name for path in FOLDER.glob("*.py")} - {"__init__.py"}
    assert set(parts()) == files
    assert sorted(parts().values()) == list(parts().values())
    assert set(parts().values()) == set(range(1, 11))


def test_every_file_says_at_its_top_which_part_it_is() -> None:
    for name, number in parts().items():
        assert docstring_of(FOLDER / name).startswith(f"Part {number}, "), name


@pytest.mark.parametrize("folder", ["brought", "kernels"])
def test_the_folders_beside_it_list_their_files(folder: str) -> None:
    files = {path.name for path in (FOLDER / folder).glob("*.py")} - {"__init__.py"}
    text = docstring_of(FOLDER / folder / "__init__.py")
    assert set(re.findall(r"^ {4}(\w+\.py) ", text, re.MULTILINE)) == files


def test_a_file_imports_only_parts_that_come_before_it_or_with_it() -> None:
    """Read in order, nothing is used that has not been explained, but for what EARLY names."""
    part_of = {f"flashcards.learner.{name[:-3]}": n for name, n in parts().items()}
    early = set()
    for name, number in parts().items():
        for node in ast.walk(ast.parse((FOLDER / name).read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom):
                modules = [f"{node.module}.{alias.name}" for alias in node.names]
                for module in (str(node.module), *modules):
                    if part_of.get(module, 0) > number:
                        early.add((name, module.rpartition(".")[2]))
    assert early == EARLY


EARLY = {
    ("settings.py", "filling"),  # the default rule asks whether prompts are to be filled
    ("reader.py", "saving"),
    ("reader.py", "inspection"),
    ("trained.py", "saving"),
    ("trained.py", "fingerprint"),
    ("learner.py", "saving"),
    ("learner.py", "fingerprint"),
    ("learner.py", "inspection"),
}
"""A file, and what it takes from a later part."""
