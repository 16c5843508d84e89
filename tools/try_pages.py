"""Pages to try in a browser: teach three decks, write each run as a page with its model inside, and
an index of them. `python -m tools.try_pages FOLDER`; `.github/workflows/pages.yml` publishes them.

Takes some two minutes on one core. All figures of the index are those of these very runs.
"""

import html
import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec

from flashcards.base.system import python

FLASHCARDS = python("-m", "flashcards")
SEED = "1"


class Lesson(msgspec.Struct, frozen=True):
    """A deck, when it is known well enough, and what a visitor is asked to try."""

    deck: str
    until: str
    title: str
    try_it: str


LESSONS = (
    Lesson(
        "capitals",
        "seen=1.0",
        "Capitals",
        "Ask it for France, which it was taught. Then for a country that it was not taught.",
    ),
    Lesson(
        "addition",
        "unseen=0.99",
        "Two-digit addition",
        "Ask it for 17+25. Then move the slider back and ask again.",
    ),
    Lesson(
        "past-tense",
        "unseen=0.85",
        "The past tense",
        "Ask it for an invented verb: splink, florp. Then for go.",
    ),
)


class Score(msgspec.Struct):
    right: int
    total: int


class Result(msgspec.Struct):
    """What `flashcards train --json` prints, as far as the index needs it."""

    run: str
    cards_taught: int
    train_seconds: float
    seen: Score
    unseen: Score
    verdict: str
    rivals: dict[str, dict[str, Score]]
    reached: bool


def main(words: list[str]) -> None:
    (out,) = map(Path, words)
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as runs:
        results = [write_page(lesson, runs, out) for lesson in LESSONS]
    index = out / "index.html"
    index.write_text(index_of(list(zip(LESSONS, results, strict=True))), encoding="utf-8")
    print(index)


def write_page(lesson: Lesson, runs: str, out: Path) -> Result:
    """Teach this deck and write the run's page. Raises CalledProcessError: that failed."""
    train = ("train", lesson.deck, "--seed", SEED, "--until", lesson.until, "--json")
    ended = subprocess.run(
        [*FLASHCARDS, *train, "--runs", runs], stdout=subprocess.PIPE, check=True
    )
    result = msgspec.json.decode(ended.stdout, type=Result)
    page = ("page", result.run, "--runs", runs, "-o", str(out / f"{lesson.deck}.html"))
    subprocess.run([*FLASHCARDS, *page], check=True)
    return result


def index_of(pages: list[tuple[Lesson, Result]]) -> str:
    rows = "\n".join(_row(lesson, result) for lesson, result in pages)
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>flashcards: does it memorise, or understand?</title>
<style>
:root{{color-scheme:light dark}}
body{{margin:0 auto;max-width:46rem;padding:2rem 1.2rem;font:1.05rem/1.5 system-ui,sans-serif}}
section{{margin:1.6rem 0;padding:1rem 1.2rem;border:1px solid #8886;border-radius:.5rem}}
h1{{line-height:1.2}}h2{{margin:0 0 .3rem}}p{{margin:.4rem 0}}.figures{{opacity:.75}}
</style></head><body>
<h1>Does a language model memorise its answers, or understand them?</h1>
<p>Each page holds a small model that was taught with flashcards, and runs it in your browser.
Ask it what it was taught, and what it was never taught. Nothing you type leaves the page.</p>
{rows}
</body></html>
"""


def _row(lesson: Lesson, result: Result) -> str:
    best_rival = max(sides["unseen"].right for sides in result.rivals.values())
    unseen = result.unseen
    return f"""<section>
<h2><a href="{lesson.deck}.html">{html.escape(lesson.title)}</a></h2>
<p>{html.escape(lesson.try_it)}</p>
<p class="figures">Taught {result.cards_taught:,} cards in {result.train_seconds:.0f} s.
Of the cards it was taught {result.seen.right:,} of {result.seen.total:,} are right.
Of the cards it was never taught {unseen.right:,} of {unseen.total:,} are right;
the best rival that does not learn has {best_rival:,}.</p>
</section>"""


if __name__ == "__main__":
    main(sys.argv[1:])
