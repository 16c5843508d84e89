"""Links between the pages, and the headings that code and pages quote, lead somewhere."""

import re
from pathlib import Path

from tests.source import ROOT, tracked

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "tests").glob("*.md")])
ON_GITHUB = "../../actions/"  # beside the repository's files, where GitHub shows its README
RAW_ON_GITHUB = "../../raw/main/"  # a file of the repository, to be saved as it is

LINK = re.compile(r"\]\(([^)\s]+)\)")
QUOTED_HEADING = re.compile(r'docs/(\w+\.md), "([^"]+)"')


def prose(page: Path) -> str:
    return re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)


def headings(page: Path) -> list[str]:
    return re.findall(r"^#+ (.+)$", prose(page), flags=re.MULTILINE)


def anchor(heading: str) -> str:
    """The fragment that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def broken_links(page: Path) -> list[str]:
    broken = []
    for link in LINK.findall(prose(page)):
        if re.match(r"https?:|mailto:", link) or link.startswith(ON_GITHUB):
            continue
        name, _, fragment = link.removeprefix(RAW_ON_GITHUB).partition("#")
        target = (page.parent / name).resolve() if name else page
        is_heading = not fragment or (target.exists() and fragment in map(anchor, headings(target)))
        if not target.exists() or not is_heading:
            broken.append(link)
    return broken


def test_every_link_of_a_page_leads_to_a_file_and_a_heading() -> None:
    assert {page.name: links for page in PAGES if (links := broken_links(page))} == {}


def test_a_link_to_a_heading_that_is_not_there_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Who *taught* it?\n[a](#who-taught-it) [b](#gone) [c](gone.md)\n", "utf-8")
    assert broken_links(page) == ["#gone", "gone.md"]


def test_headings_that_docstrings_quote_are_there() -> None:
    quoted = {
        found
        for path in tracked("*.py")
        for found in QUOTED_HEADING.findall(re.sub(r"\s+#? ?", " ", path.read_text("utf-8")))
    }
    assert quoted, "the pattern finds no quotation"
    for name, start in quoted:
        assert any(text.startswith(start) for text in headings(ROOT / "docs" / name)), (name, start)
