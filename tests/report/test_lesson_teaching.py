"""A page with the model inside learns: it corrects as torch does, undoes it and saves it."""

from __future__ import annotations

import base64
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from flashcards.base.language import LANGUAGES, VARIABLE, format_number, tr
from flashcards.learner import portable
from flashcards.learner.model import Weights
from flashcards.learner.optimizer import Optimizer
from flashcards.trainer.opening import open_learner
from flashcards.wording.lesson import explanation
from flashcards.wording.numbers import odds_apart
from tests.report.pages import ANSWERED, EMOJI, INSIDE, Opened, deck_file, lesson, page_of

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("default")]

TEACH = f"""async ([place, prompt, answer]) => {{
  {INSIDE}
  const letters = (bytes) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  const packed = (one) => btoa(letters(new Uint8Array(Float32Array.from(one).buffer)));
  const it = await lesson(), numbers = (all) => all.map(packed);
  const state = it.states[place], before = numbers(state.matrices);
  const card = [it.pieces.encode(prompt), [...answerOf(it.pieces, answer, prompt), END]];
  const gradients = numbers(end(gradientsOf(state.model, studied(state.model, ...card))));
  const told = end(corrected(it, {{ place, prompt, answer }}));
  const cut = it.cards.map((card) => answerOf(it.pieces, card.answers[0], card.prompt));
  return {{ told, before, gradients, after: numbers(state.matrices), cut }};
}}"""


WORDS = "".join(
    f"{'ab' * (i % 3)}{i:o}c{'h' * (i % 2)} :: {'A W B ' * (i % 3)}{' '.join(f'{i:o}')} C\n"
    for i in range(120)
)
"""So many that prompts are filled, embedding and head decay, and letters have their sounds: a two,
h none."""


def arrays(found: list[str], like: list[portable.Floats]) -> list[portable.Floats]:
    """Numbers that the page gave as their bytes: written out they take seconds."""
    return [
        np.frombuffer(base64.b64decode(numbers), np.float32).reshape(other.shape).copy()
        for numbers, other in zip(found, like, strict=True)
    ]


@pytest.mark.parametrize(
    ("cards", "wishes", "is_decayed"),
    [(EMOJI, "n_layers = 2", False), (WORDS, "width = 32\nweight_decay = 0.6", True)],
)
def test_a_correction_in_the_page_is_the_one_that_torch_makes(
    cards: str, wishes: str, is_decayed: bool, tmp_path: Path, opened: Opened
) -> None:
    """The page computes in 64 bits and keeps 32, torch has 32: gradients are within a
    ten-thousandth of the largest, the step within a hundredth, errors within 0.001."""
    run = lesson(deck_file(tmp_path, "some", cards, wishes), tmp_path / "runs", 24)
    page = opened(page_of(run, tmp_path / "lesson.html", "--quick"))
    training = open_learner(run)
    learner = training.learner
    assert learner.settings.is_embedding_decayed == learner.settings.is_aligned == is_decayed
    index = 3
    card = training.deck.cards[index]
    place = page.locator("#formed button").count() - 1
    found: dict[str, Any] = page.evaluate(TEACH, [place, card.prompt, card.answer])
    for row, ids in enumerate(found["cut"]):
        assert ids == learner.encoding.sequence(row)[-learner.encoding.n_asked[row] : -1]
    like = portable.matrices(learner.averaged, learner.sayable)
    before, after, gradients = (
        arrays(found[name], like) for name in ("before", "after", "gradients")
    )
    with torch.no_grad():
        portable.put(before, learner.weights, learner.sayable)
    learner.optimizer = Optimizer(learner.weights, learner.settings)
    theirs = learner.gradients_of(learner.study([index]))
    for ours, other in zip(
        gradients, portable.matrices(Weights(*theirs), learner.sayable), strict=True
    ):
        assert np.abs(ours - other).max() <= 1e-4 * np.abs(other).max() + 1e-9
    study = learner.study([index])
    assert found["told"]["errors"][0] == pytest.approx(study.loss_nats, abs=1e-3)
    learner.adjust(study)
    for was, ours, other in zip(
        before,
        after,
        portable.matrices(learner.views(learner.flat.detach()), learner.sayable),
        strict=True,
    ):
        moved = np.linalg.norm(other - was)
        assert moved > 0
        assert np.linalg.norm(ours - other) <= 0.01 * moved
    now = learner.study([index])
    assert found["told"]["errors"][1] == pytest.approx(now.loss_nats, abs=1e-3)
    share = np.exp(-now.card_nats[0])
    assert found["told"]["probabilities"][1] == pytest.approx(share, abs=1e-3)


UNDO = f"""async () => {{
  {INSIDE}
  const it = await lesson(), places = [1, 2, 1], words = ["apple", "red heart"];
  const card = (n) => ({{ place: places[n % 3], prompt: `🍏${{n}}`, answer: words[n % 2] }});
  const of = (place) => it.states[place].matrices.map((matrix) => Float32Array.from(matrix));
  const numbers = () => [...of(1), ...of(2)];
  const same = (a, b) => a.every((matrix, i) => matrix.every((number, j) => number === b[i][j]));
  const after = [numbers()], kept = [], said = [];
  for (let n = 0; n < 14; n++) {{
    end(corrected(it, card(n)));
    after.push(numbers());
    kept.push(it.corrections.filter((one) => one.before).length);
  }}
  for (const n of [13, 9, 4, 0]) {{
    const steps = it.undo(n);
    for (let step; !(step = steps.next()).done; ) {{
      if (step.value) said.push([n, step.value.made, step.value.of]);
    }}
    if (!same(numbers(), after[n])) said.push(`after ${{n}} other numbers`);
  }}
  it.saved = Array.from({{ length: 14 }}, (_, n) => card(n));
  it.saved.splice(5, 0, {{ place: 1, prompt: "x", answer: "漢" }});
  end(it.restored());
  return [kept, said, same(numbers(), after[14]), it.listed.length];
}}"""


def test_any_correction_is_undone_and_few_are_kept_in_memory(small: Path, opened: Opened) -> None:
    kept, said, is_same, n_restored = opened(small).evaluate(UNDO)
    assert kept == [1, 2, 3, 4, 5, 6, 7, 8, 8, 8, 8, 8, 8, 8]
    assert said == [[4, made, 4] for made in range(4)]
    assert (is_same, n_restored) == (True, 14)  # and what a page can't be taught is left out


def test_cards_are_taught_and_undone_by_keys(small: Path, opened: Opened, tmp_path: Path) -> None:
    page = opened(small)
    page.fill("#prompt", "🍏🍎")
    page.wait_for_function(ANSWERED)
    untaught = page.inner_text("#formed")
    page.focus("#right")
    page.keyboard.type("apple")
    for n in (1, 2):
        page.keyboard.press("Enter")
        page.locator('#formed [aria-current] small:text-matches("\\\\+' + str(n) + '$")').wait_for()
        page.wait_for_function(ANSWERED)
    assert page.locator("#known .stamp").inner_text().lower() == "taught here 2×"
    assert "2 × corrected here" in page.inner_text("#when")
    assert page.locator("#without").is_visible()
    assert "→" in page.inner_text("#changed")
    taught = page.inner_text("#formed")
    with page.expect_download() as download:
        page.focus("#save")
        page.keyboard.press("Enter")
    saved = tmp_path / "saved.html"
    download.value.save_as(saved)
    again = opened(saved)  # at once: its corrections are made while it can be used
    assert "again" in again.evaluate("say('making', { n: 1, total: 2 })")
    again.locator("#kept").wait_for()
    assert again.inner_text("#making") == ""
    again.fill("#prompt", "🍏🍎")
    again.wait_for_function(ANSWERED)
    assert again.inner_text("#formed") == taught
    for button in ("#undo", "#anew"):
        page.focus(button)
        page.keyboard.press("Enter")
    page.locator("#kept").wait_for(state="hidden")
    page.wait_for_function(ANSWERED)
    assert page.inner_text("#formed") == untaught
    assert page.evaluate("document.activeElement.id") == "right"


def pairs_of_probabilities(n: int) -> list[tuple[float, float]]:
    """Of every size: far apart, near each other, equal, at the ends."""
    rng = random.Random(5)
    pairs: list[tuple[float, float]] = []
    while len(pairs) < n:
        before = 10 ** -rng.uniform(0, rng.choice((0.05, 2, 5, 9, 14, 40)))
        after = min(1.0, before * rng.choice((1.0, 1.0001, 1.02, 1.3, 4.0, 1e4, 1e9)))
        pairs.append((after, before) if rng.random() < 0.3 else (before, after))
    odd = (0.0, 1.0, 0.5, 0.005, 0.00005, 0.9999999, 0.99, 1e-300)
    return pairs + [(one, other) for one in odd for other in odd]


@pytest.mark.parametrize("language", LANGUAGES)
def test_two_probabilities_are_written_as_the_lesson_writes_them(
    language: str, small: Path, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, language)
    words = {name: tr(name) for name in ("million", "billion")} | {"one_in": tr("1 in {n}")}
    words["thousands"] = format_number(1000, ",")[1:-3]
    pairs = pairs_of_probabilities(800)
    written = opened(small).evaluate(
        """([words, pairs]) => {
          Object.assign(WORDS, words);
          return pairs.map((pair) => oddsApart(...pair));
        }""",
        [words, pairs],
    )
    differing = [
        (pair, theirs, odds_apart(*pair))
        for pair, theirs in zip(pairs, written, strict=True)
        if tuple(theirs) != odds_apart(*pair)
    ]
    assert differing == []


def test_a_correction_is_told_as_the_lesson_tells_it(small: Path, opened: Opened) -> None:
    page = opened(small)
    cases = [
        ((["x", "y"], [0.1, 0.2], "z"), "still_wrong"),
        ((["x", "z"], [0.1, 0.2], "z"), "not_yet_sure"),
        ((["x", "z"], [0.1, 0.6], "z"), "right_now"),
        ((["z", "z"], [0.6, 0.7], "z"), "right_already"),
        ((["z", "z"], [0.7, 0.6], "z"), "less_sure"),
        ((["z", "x"], [0.7, 0.6], "z"), "worse"),
        ((["x", "x"], [0.2, 0.1], "z"), "worse"),
    ]
    for given, name in cases:
        assert page.evaluate("(given) => outcome(...given)", list(given)) == name
    page.fill("#prompt", "🍏")
    page.locator("#right").press("Enter")
    page.locator("#changed").wait_for()
    assert "0.00 %" not in page.inner_text("#changed")
    assert "gradient" not in page.inner_text("main")
    assert explanation("adjustment") in page.inner_text("#teaching")


def test_what_can_not_be_taught_is_said(small: Path, opened: Opened) -> None:
    page = opened(small)
    page.wait_for_function(ANSWERED)
    for answer, said in (("漢", "The model can't say 漢"), (" ", "A card needs")):
        page.fill("#right", answer)
        page.keyboard.press("Enter")
        page.locator("#refused", has_text=said).wait_for()


def test_a_correction_says_what_became_of_other_cards(tmp_path: Path, opened: Opened) -> None:
    run = lesson(deck_file(tmp_path, "some", EMOJI, "n_layers = 2"), tmp_path / "runs", 24)
    page = opened(page_of(run, tmp_path / "lesson.html", "--quick"))
    page.fill("#prompt", "🍎")
    page.fill("#right", "banana")
    page.click("#teaching button")
    page.wait_for_selector("#changed:not([hidden])")
    sentence = page.inner_text("#others")
    n_listed = page.locator("#other-cards li").count()
    found = [int(word) for word in sentence.replace(":", "").split() if word.isdecimal()]
    assert found[0] == min(12, len(EMOJI.strip().splitlines()) - 1)
    assert n_listed == (found[1] if len(found) > 1 else 0)
