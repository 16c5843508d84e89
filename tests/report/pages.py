"""Pages with the model inside, for tests that open them and ask their code outside its worker."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from flashcards import cli
from flashcards.runs.commands import TakeDeck, TeachCard
from flashcards.runs.goal import Goal
from tests.decks import write_capitals
from tests.trainer.lessons import Script, run_lesson

if TYPE_CHECKING:
    from playwright.sync_api import Page

Opened = Callable[[Path], "Page"]

N_UPDATES = 64
QUIET = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]

EMOJI = """🍎 :: apple
👩‍👩‍👧 :: family of three
🇩🇪 :: flag of Germany
❤️ :: red heart
👍🏽 :: thumb up
? 🍏 :: green apple
🏴󠁧󠁢󠁥󠁮󠁧󠁿 :: flag of England
"""
HOSTILE = """</script><img src=x onerror="stolen=1"> :: <b>bold</b>
<!--<script>stolen=1</script> :: \u202eevil
javascript:stolen=1 :: "'`${stolen=1}
"""
INSIDE = """const lesson = async () => {
  const text = (id) => [id, document.getElementById(id).textContent.trim()];
  const texts = Object.fromEntries(["lesson", "high", "low"].map(text));
  return (window.inside ??= await Lesson.opened(texts));
};
const end = (steps) => { for (let step; ; ) if ((step = steps.next()).done) return step.value; };"""
"""The page's own model, outside its worker: the same code."""

STEPS = f"async () => {{ {INSIDE} return (await lesson()).states.map(({{ step }}) => step); }}"
ASK = f"""async ([prompts, place]) => {{
  {INSIDE}
  const it = await lesson();
  return prompts.map((prompt) => {{
    const {{ prompt: asked, answer, isCut, stamp, timesSeen, pieces }} = end(it.ask(prompt, place));
    const said = pieces.map(({{ id, probability }}) => [id, probability]);
    return {{ asked, answer, isCut, stamp, timesSeen, said, ids: it.pieces.encode(asked) }};
  }});
}}"""
CARDS = f"async () => {{ {INSIDE} return (await lesson()).cards.map((card) => card.prompt); }}"
ANSWERED = """() => !document.querySelector(".waits") && document.querySelector(".piece, .cut")"""
"""Every state has answered the prompt that stands there."""


def deck_file(folder: Path, name: str, cards: str, wishes: str = "") -> Path:
    path = folder / f"{name}.deck"
    path.write_text(f'+++\nname = "{name}"\n{wishes}\n+++\n{cards}', encoding="utf-8")
    return path


def lesson(deck: Path, runs: Path, n_updates: int = N_UPDATES) -> Path:
    opened, _ = run_lesson(deck, runs, goal=Goal(step=n_updates))
    return opened.keeper.folder.path


def edited_lesson(folder: Path) -> Path:
    """A run of 24 updates whose deck was edited after 8 and 16: cards with pieces that no answer
    had, another answer, a card taught that was never taught, and one removed."""
    deck = write_capitals(folder)
    without = deck.read_text(encoding="utf-8").replace("Japan :: Tokyo\n", "")
    without = without.replace("Lima", "Cusco").replace("? Egypt", "Egypt")
    script: Script = [
        (8, TeachCard(request=1, prompt="Atlantis", answer="Þórshöfn")),
        (8, TeachCard(request=2, prompt="Peru", answer="Cusco")),
        (16, TeachCard(request=3, prompt="Egypt", answer="Cairo")),
        (16, TakeDeck(text=f"{without}Atlantis :: Þórshöfn\n")),
    ]
    opened, _ = run_lesson(deck, folder / "runs", goal=Goal(step=24), script=script)
    return opened.keeper.folder.path


def page_of(run: Path, target: Path, *options: str) -> Path:
    assert cli.main(["page", str(run), "-o", str(target), *options]) == 0
    return target
