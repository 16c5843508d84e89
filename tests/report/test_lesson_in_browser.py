"""A page with the model inside, opened in Chromium: it answers as the program does, and safely.

`pip install -e '.[browser]'`, a `chromium` in the path, then `pytest -n0 -m browser`.
"""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from flashcards import cli
from flashcards.cards.grammar import as_taught
from flashcards.rivals.grading import rivals_of
from flashcards.runs.commands import Ask
from flashcards.runs.folder import RunFolder
from flashcards.runs.goal import Goal
from flashcards.trainer.opening import open_learner
from flashcards.trainer.questions.asking import answer
from flashcards.trainer.questions.prompts import PromptIndex
from tests.trainer.lessons import run_lesson

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from flashcards.learner.learner import Learner
    from flashcards.learner.study import Answer

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("default")]

ROOT = Path(__file__).parent.parent.parent
N_PROMPTS, N_STATES, N_UPDATES = 200, 4, 64
N_TOGETHER = 20
TOLERANCE = 0.002
QUIET = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
QUIET += "--disable-background-networking --disable-component-update --disable-sync"

ARABIC = """بيت :: منزل
ماء :: شراب
كتاب :: قراءة
مدرسة :: تعليم
سَلامٌ :: تحية
قمر :: سماء
شمس :: نهار
? نجم :: ليل
"""
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
ODD = [
    *(
        "<answer>",
        "<0x41>",
        "</s>",
        "▁",
        "a▁b",
        "\u2585x",
        "e\u0301cole",
        "ﬁ",
        "👩‍👩‍👧",
        "🇩🇪x",
        "مرحبا",
    ),
    *(
        "\u202eabc",
        "a\u200db",
        "\x1b[0m",
        "中文 字",
        "Ａ",
        "#️⃣",
        "na\xadme",
        "x" * 256,
        "  two  words ",
    ),
]


def deck_file(folder: Path, name: str, cards: str, wishes: str = "") -> Path:
    path = folder / f"{name}.deck"
    path.write_text(f'+++\nname = "{name}"\n{wishes}\n+++\n{cards}', encoding="utf-8")
    return path


def lesson(deck: Path, runs: Path, n_updates: int = N_UPDATES) -> Path:
    opened, _ = run_lesson(deck, runs, goal=Goal(step=n_updates))
    return opened.keeper.folder.path


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    playwright = pytest.importorskip("playwright.sync_api")
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("no chromium here")
    with playwright.sync_playwright() as running:
        started = running.chromium.launch(executable_path=path, args=QUIET.split())
        yield started
        started.close()


Opened = Callable[[Path], "Page"]


@pytest.fixture
def opened(browser: Browser) -> Iterator[Opened]:
    """Opens a file; what the page fetches, complains of or throws fails the test."""
    problems: list[str] = []
    pages: list[Page] = []

    def open_page(path: Path) -> Page:
        page = browser.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda message: problems.append(message.text))
        urls: list[str] = []
        page.on("request", lambda request: urls.append(request.url))
        page.goto(path.as_uri())
        page.wait_for_selector("body.ready", state="attached", timeout=30_000)
        problems.extend(url for url in urls if url != path.as_uri())
        pages.append(page)
        return page

    yield open_page
    for page in pages:
        page.close()
    assert problems == []


def page_of(run: Path, target: Path, *options: str) -> Path:
    assert cli.main(["page", str(run), "-o", str(target), *options]) == 0
    return target


def prompts_for(cards: list[str], seed: int) -> list[str]:
    """Cards, cards with a letter changed, cards cut and joined, and odd texts."""
    rng = random.Random(seed)
    prompts = [*ODD, *rng.sample(cards, min(len(cards), 70))]
    while len(prompts) < N_PROMPTS:
        text, other = list(rng.choice(cards)), rng.choice(cards)
        place = rng.randrange(len(text))
        match rng.randrange(3):
            case 0:
                text[place] = rng.choice(other)
            case 1:
                text.insert(place, rng.choice(other))
            case _:
                text[place:] = other[:6]
        if as_taught("".join(text)):
            prompts.append("".join(text))
    return prompts


def answers_to(prompts: list[str], learner: Learner) -> list[Answer]:
    """What the model says to each: those of like length together, a short one is not padded."""
    places = sorted(range(len(prompts)), key=lambda place: len(prompts[place].encode()))
    said: dict[int, Answer] = {}
    for start in range(0, len(places), N_TOGETHER):
        group = places[start : start + N_TOGETHER]
        answers = learner.answer_each([prompts[place] for place in group])
        said |= zip(group, answers, strict=True)
    return [said[place] for place in range(len(prompts))]


ASK = """async ([prompts, place]) => {
  const it = await lesson;
  return prompts.map((prompt) => {
    const { prompt: asked, answer, isCut, stamp, timesSeen, pieces } = it.ask(prompt, place);
    const shares = pieces.map(({ probability }) => probability);
    const { lookup, nearest } = it.rivals(prompt);
    const ids = it.pieces.encode(asked);
    return { asked, answer, isCut, stamp, timesSeen, shares, lookup, nearest, ids };
  });
}"""


@pytest.mark.parametrize("name", ["capitals", "past-tense", "family", "arabic", "emoji"])
def test_the_page_answers_as_the_program_does(
    name: str, tmp_path: Path, opened: Opened, capsys: pytest.CaptureFixture[str]
) -> None:
    """200 prompts at four states: every answer, stamp and rival; probabilities within 0.002. The
    decks' tokenizers: characters twice, words, unigram, BPE."""
    deck = ROOT / "decks" / f"{name}.deck"
    if name == "arabic":
        deck = deck_file(tmp_path, name, ARABIC, 'tokenizer = "unigram"\nvocabulary = 40')
    if name == "emoji":
        deck = deck_file(tmp_path, name, EMOJI, 'tokenizer = "bpe"\nvocabulary = 40')
    run = lesson(deck, tmp_path / "runs")
    target = page_of(run, tmp_path / "lesson.html", "--quick", "--states", str(N_STATES))
    page = opened(target)
    steps: list[int] = page.evaluate("async () => (await lesson).states.map(({ step }) => step)")
    saved = {step for step, _ in RunFolder.open(run).state_files()}
    assert len(steps) == N_STATES
    assert set(steps) <= saved
    prompts = prompts_for([card.prompt for card in open_learner(run).deck.cards], seed=7)
    for place, step in enumerate(steps):
        training = open_learner(run, step)
        assert training.learner.step == step
        index, rivals = PromptIndex(training.deck), rivals_of(training.deck)
        asked = [as_taught(prompt) for prompt in prompts]
        said = answers_to(asked, training.learner)
        found: list[dict[str, Any]] = page.evaluate(ASK, [prompts, place])
        for prompt, ours, theirs in zip(asked, said, found, strict=True):
            assert theirs["asked"] == prompt
            assert theirs["ids"] == training.learner.tokenizer.encode(prompt), prompt
            assert (theirs["answer"], theirs["isCut"]) == (ours.text, ours.is_cut), (step, prompt)
            pairs = zip(ours.pieces, theirs["shares"], strict=False)
            assert max((abs(p.probability - s) for p, s in pairs), default=0.0) <= TOLERANCE
        for prompt, theirs in list(zip(asked, found, strict=True))[::25]:
            whole = answer(Ask(request=0, prompt=prompt), training, index)
            assert (theirs["stamp"], theirs["timesSeen"]) == (whole.stamp, whole.times_seen)
            assert theirs["answer"] == whole.answer
            others = {rival.name: rival.answer for rival in rivals.answers(prompt)}
            assert theirs.get("lookup") == others["lookup"]
            assert theirs.get("nearest") == others["nearest"]
        capsys.readouterr()
        at = ["--at", str(step), "--json"]
        assert cli.main(["ask", str(run), prompts[30], *at]) == 0
        assert json.loads(capsys.readouterr().out)["answer"] == found[30]["answer"]


def test_hostile_cards_are_only_shown_and_nothing_can_be_fetched(
    tmp_path: Path, opened: Opened, browser: Browser
) -> None:
    run = lesson(deck_file(tmp_path, "hostile", HOSTILE, "n_layers = 1"), tmp_path / "runs", 8)
    target = page_of(run, tmp_path / "lesson.html", "--quick")
    page = opened(target)
    for prompt in page.evaluate("async () => (await lesson).cards.map(({ prompt }) => prompt)"):
        page.fill("#prompt", prompt)
    assert page.evaluate("typeof stolen") == "undefined"
    assert page.locator("img, iframe, object").count() == 0
    blocked = browser.new_page()
    blocked.goto(target.as_uri())
    tried = """async () => {
      const said = [];
      addEventListener("securitypolicyviolation", (event) => said.push(event.effectiveDirective));
      await fetch("https://example.invalid/").catch(() => 0);
      document.body.append(Object.assign(new Image(), { src: "https://example.invalid/x.png" }));
      const script = document.createElement("script");
      script.textContent = "stolen=1";
      document.head.append(script);
      await new Promise((done) => setTimeout(done, 50));
      return [...new Set(said), typeof stolen];
    }"""
    said = blocked.evaluate(tried)
    blocked.close()
    assert {"connect-src", "img-src", "script-src-elem", "undefined"} <= set(said)


def test_it_is_used_by_keyboard_and_read_aloud(tmp_path: Path, opened: Opened) -> None:
    run = lesson(deck_file(tmp_path, "emoji", EMOJI, "n_layers = 1"), tmp_path / "runs", 16)
    page = opened(page_of(run, tmp_path / "lesson.html", "--quick"))
    page.fill("#prompt", "🍎")
    page.focus("#step")
    page.keyboard.press("Home")
    assert page.get_attribute("#step", "aria-valuetext") == "step 0"
    assert page.locator('#formed [aria-current="step"]').inner_text().startswith("0")
    page.keyboard.press("End")
    page.focus("#wall")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    assert page.input_value("#prompt") == "👩‍👩‍👧"
    page.locator("#told", has_text="step 16").wait_for(state="attached")
    assert page.locator("#known .stamp").inner_text().lower().startswith("seen")
    unlabelled = """() => [...document.querySelectorAll("button, input, canvas")].filter((one) =>
      !(one.textContent || one.getAttribute("aria-label") || one.labels?.length)).length"""
    assert page.evaluate(unlabelled) == 0
    page.fill("#prompt", "   ")
    assert page.locator("#formed").is_hidden()


@pytest.mark.parametrize("width", [390, 1200])
def test_nothing_is_wider_than_the_screen(width: int, tmp_path: Path, opened: Opened) -> None:
    run = lesson(deck_file(tmp_path, "emoji", EMOJI, "n_layers = 1"), tmp_path / "runs", 8)
    page = opened(page_of(run, tmp_path / "lesson.html", "--quick"))
    page.set_viewport_size({"width": width, "height": 844})
    page.fill("#prompt", "x" * 60)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
