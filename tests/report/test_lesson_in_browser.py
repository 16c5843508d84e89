"""A page with the model inside, opened in Chromium: it answers as the program does, and safely.
`pip install -e '.[browser]'`, a `chromium` in the path, then `pytest -n0 -m browser`."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from flashcards import cli
from flashcards.cards.grammar import as_taught
from flashcards.learner.tokenizer import END_ID
from flashcards.rivals.grading import Rivals
from flashcards.runs.folder import RunFolder
from flashcards.trainer.again.traveller import learner_at
from flashcards.trainer.opening import open_learner
from flashcards.trainer.questions.asking import stamp_of
from flashcards.trainer.questions.prompts import PromptIndex
from tests.export.runs import spelled
from tests.report import pages

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from flashcards.learner.learner import Learner

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("default")]

ROOT = Path(__file__).parent.parent.parent
N_PROMPTS, N_STATES = 40, 2
TOLERANCE = 0.002
ARABIC = """بيت :: منزل
ماء :: شراب
كتاب :: قراءة
مدرسة :: تعليم
سَلامٌ :: تحية
قمر :: سماء
شمس :: نهار
? نجم :: ليل
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


def prompts_for(cards: list[str], seed: int) -> list[str]:
    """Cards, cards with a letter changed, cards cut and joined, and odd texts."""
    rng = random.Random(seed)
    prompts = [*ODD, *rng.sample(cards, min(len(cards), 20))]
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


RIVALS = f"""async (prompts) => {{
  {pages.INSIDE}
  const it = await lesson();
  return prompts.map((prompt) => end(it.rivals(prompt)));
}}"""


@pytest.mark.parametrize("name", ["capitals", "past-tense", "family", "arabic", "emoji", "spelled"])
def test_the_page_answers_as_the_program_does(
    name: str, tmp_path: Path, opened: pages.Opened, capsys: pytest.CaptureFixture[str]
) -> None:
    """40 prompts at two states: every answer, stamp and rival; probabilities within 0.002. The
    decks' tokenizers: characters twice, words, unigram, BPE; characters, prompts filled up."""
    deck = ROOT / "decks" / f"{name}.deck"
    if name == "arabic":
        deck = pages.deck_file(tmp_path, name, ARABIC, 'tokenizer = "unigram"\nvocabulary = 40')
    if name == "emoji":
        deck = pages.deck_file(tmp_path, name, pages.EMOJI, 'tokenizer = "bpe"\nvocabulary = 40')
    if name == "spelled":
        deck = pages.deck_file(tmp_path, name, spelled())
    run = pages.lesson(deck, tmp_path / "runs")
    target = pages.page_of(run, tmp_path / "lesson.html", "--quick", "--states", str(N_STATES))
    page = opened(target)
    steps: list[int] = page.evaluate(pages.STEPS)
    saved = {step for step, _ in RunFolder.open(run).state_files()}
    assert len(steps) == N_STATES
    assert set(steps) <= saved
    prompts = prompts_for([card.prompt for card in open_learner(run).deck.cards], seed=7)
    asked = [as_taught(prompt) for prompt in prompts]
    for place, step in enumerate(steps):
        training = open_learner(run, step)
        assert training.learner.step == step
        found: list[dict[str, Any]] = page.evaluate(pages.ASK, [prompts, place])
        assert [one["asked"] for one in found] == asked
        assert_greedy(training.learner, asked, found)
        index = PromptIndex(training.deck)
        for prompt, theirs in zip(asked, found, strict=True):
            stamp = stamp_of(training, index.same(prompt))
            assert (theirs["stamp"], theirs["timesSeen"]) == stamp, (step, prompt)
        for at in (0, len(ODD) + 10):
            capsys.readouterr()
            options = ["--at", str(step), "--json"]
            assert cli.main(["ask", str(run), prompts[at], *options]) == 0
            whole = json.loads(capsys.readouterr().out)
            assert (whole["answer"], whole["stamp"]) == (found[at]["answer"], found[at]["stamp"])
    rivals = Rivals(open_learner(run).deck)
    for prompt, theirs in zip(asked[::6], page.evaluate(RIVALS, prompts[::6]), strict=True):
        others = {rival.name: rival.answer for rival in rivals.answers(prompt)}
        assert theirs.get("lookup") == others["lookup"]
        assert theirs.get("nearest") == others["nearest"]


def test_an_edited_lesson_answers_as_it_did_before_and_after(
    tmp_path: Path, opened: pages.Opened
) -> None:
    """Before the edit no answer had some of the pieces: they could not be said then."""
    run = pages.edited_lesson(tmp_path)
    page = opened(pages.page_of(run, tmp_path / "lesson.html"))
    steps: list[int] = page.evaluate(pages.STEPS)
    assert steps[0] == 0
    prompts = [card.prompt for card in open_learner(run).deck.cards]
    for place, step in enumerate(steps):
        value = page.evaluate(pages.ASK, [prompts, place])
        if len(value[0]["said"]):
            assert_greedy(learner_at(run, step).learner, prompts, value)
    page.focus("#step")
    page.keyboard.press("Home")
    page.fill("#prompt", "Atlantis")
    page.locator("#known .stamp", has_text="not yet taught").wait_for()
    page.fill("#right", "Þ")
    page.locator("#teaching button", has_text="Correct it").click()
    page.locator("#refused", has_text="The model can't say Þ").wait_for()
    page.focus("#step")
    page.keyboard.press("End")
    page.locator("#teaching button", has_text="Correct it").click()
    page.locator("#when", has_text="1 × corrected here").wait_for()


def test_a_page_of_twelve_states_is_at_most_3_mb(tmp_path: Path, opened: pages.Opened) -> None:
    run = pages.lesson(ROOT / "decks" / "capitals.deck", tmp_path / "runs")
    target = pages.page_of(run, tmp_path / "lesson.html")
    assert target.stat().st_size <= 3_000_000
    page = opened(target)
    steps: list[int] = page.evaluate(pages.STEPS)
    assert len(steps) == 12
    told = re.search(r"Of 840 answers .* (none|\d+) differs?", page.inner_text("main"))
    assert told is not None
    n_told = 0 if told[1] == "none" else int(told[1])
    prompts = [card.prompt for card in open_learner(run).deck.cards][::9]
    n_different = 0
    for place, step in enumerate(steps):
        value = page.evaluate(pages.ASK, [prompts, place])
        said = [drawn.text for drawn in learner_at(run, step).learner.draw_likeliest(prompts)]
        n_different += sum(one["answer"] != ours for one, ours in zip(value, said, strict=True))
    assert n_different <= n_told <= 0.1 * 840
    assert [one["answer"] for one in value] == said


def assert_greedy(learner: Learner, asked: list[str], found: list[dict[str, Any]]) -> None:
    """Each piece is the model's likeliest, the end too; probabilities are within the tolerance."""
    place_of = {piece: place for place, piece in enumerate(learner.sayable)}
    said = [[place_of[piece] for piece, _ in one["said"]] for one in found]
    end = place_of[END_ID]
    for prompt, places, along, theirs in zip(
        asked, said, learner.along(asked, said), found, strict=True
    ):
        assert [theirs["ids"]] == learner.tokenizer.prompts([prompt]), prompt
        assert places == [place for place, _ in along], (learner.step, prompt)
        assert end not in places[:-1]
        assert theirs["isCut"] == (places[-1] != end)
        assert not theirs["isCut"] or len(places) == learner.answer_limit
        pieces = [piece for piece, _ in theirs["said"] if piece != END_ID]
        assert theirs["answer"] == learner.tokenizer.text(pieces)
        shares = zip(along, theirs["said"], strict=True)
        assert max(abs(ours - share) for (_, ours), (_, share) in shares) <= TOLERANCE


def test_hostile_cards_fetch_nothing(small: Path, opened: pages.Opened, browser: Browser) -> None:
    page = opened(small)
    for prompt in page.evaluate(pages.CARDS):
        page.fill("#prompt", prompt)
    assert page.evaluate("typeof stolen") == "undefined"
    assert page.locator("img, iframe, object").count() == 0
    blocked = browser.new_page()
    blocked.goto(small.as_uri())
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


def test_it_is_used_by_keyboard_and_read_aloud(small: Path, opened: pages.Opened) -> None:
    page = opened(small)
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
    assert page.locator("#known .stamp").inner_text().lower().startswith("taught")
    unlabelled = """() => [...document.querySelectorAll("button, input, canvas")].filter((one) =>
      !(one.textContent || one.getAttribute("aria-label") || one.labels?.length)).length"""
    assert page.evaluate(unlabelled) == 0
    page.fill("#prompt", "   ")
    assert page.locator("#formed").is_hidden()


def test_nothing_is_wider_than_the_screen(small: Path, opened: pages.Opened) -> None:
    page = opened(small)
    page.fill("#prompt", "x" * 60)
    for width in (320, 390, 1200):
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


CONTRAST = """() => {
  const numbers = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = (rgb) => rgb.slice(0, 3).map((c) => c / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (one) => {
    for (let at = one; at; at = at.parentElement) {
      const color = numbers(getComputedStyle(at).backgroundColor);
      if (color.length === 3 || color[3] === 1) return color;
    }
    return [255, 255, 255];
  };
  const seen = [...document.querySelectorAll("body *")].filter((one) =>
    one.checkVisibility() && [...one.childNodes].some((it) => it.nodeType === 3 && it.data.trim()));
  return seen.map((one) => {
    const [a, b] = [light(numbers(getComputedStyle(one).color)), light(behind(one))];
    return [(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), one.textContent.slice(0, 30)];
  });
}"""


def test_all_can_be_read_in_light_dark_and_on_paper(small: Path, opened: pages.Opened) -> None:
    """Contrast of 4.5 to 1 (WCAG 2 AA); on paper nothing is left that only a screen can do."""
    page = opened(small)
    page.fill("#prompt", "🍎")
    page.wait_for_function(pages.ANSWERED)
    papers = set()
    for medium, scheme in (("screen", "light"), ("screen", "dark"), ("print", "dark")):
        shown: Any = {"media": medium, "color_scheme": scheme}
        page.emulate_media(**shown)
        value = page.evaluate(CONTRAST)
        assert len(value) > 40
        assert [one for one in value if one[0] < 4.5] == [], shown
        papers.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert papers == {"rgb(255, 255, 255)", "rgb(16, 21, 28)"}
    for control in ("#play", "#step", "#chips", "#teaching"):
        assert page.locator(control).is_hidden()
