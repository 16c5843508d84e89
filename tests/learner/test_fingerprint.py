"""How a machine rounds: equal fingerprints mean equal bits, whatever the processor is called."""

import json

import pytest
import torch

from flashcards.learner import learner as learner_module
from flashcards.learner.fingerprint import fingerprint
from flashcards.learner.learner import Learner
from flashcards.learner.settings import LearnerSettings
from tests.commands import run_python
from tests.learner.decks import sums
from tests.source import ROOT

ROUNDINGS: tuple[dict[str, str], ...] = (
    {"ATEN_CPU_CAPABILITY": "avx2"},
    {"ATEN_CPU_CAPABILITY": "default"},
    {"MKL_CBWR": "COMPATIBLE"},
)  # other ways to compute on one machine: of torch's own functions, and of MKL's products

IN_A_PROCESS = """
import json
from tests.learner.test_fingerprint import rounding_and_weights
print(json.dumps(rounding_and_weights()))
"""


def rounding_and_weights() -> tuple[str, str]:
    """A machine's fingerprint, and the hash of what some updates make there of a model."""
    deck = sums(9)
    learner = Learner.create(deck, LearnerSettings.for_deck(deck), 1)
    rounding = learner.rounding
    for step in range(12):
        learner.adjust(learner.study(deck.taught[step : step + 1 + 3 * (step % 4)]))
    return rounding, learner.weights_sha256()


def test_looking_how_a_machine_rounds_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learner_module, "fingerprint", fingerprint)  # and not what is known of it
    deck = sums(9)
    learner = Learner.create(deck, LearnerSettings.for_deck(deck), 1)
    weights, random = learner.weights_sha256(), torch.get_rng_state()
    assert learner.rounding == learner.rounding
    assert learner.weights_sha256() == weights
    assert torch.equal(torch.get_rng_state(), random)


@pytest.mark.parametrize("chosen", [{"n_layers": 1}, {"width": 32, "n_heads": 2}, {"n_shards": 4}])
def test_a_fingerprint_is_of_the_sizes_of_the_run(chosen: dict[str, int]) -> None:
    usual = fingerprint(LearnerSettings(), 300)
    assert len(usual) == 32
    if "n_shards" not in chosen:
        assert fingerprint(LearnerSettings(**chosen), 300) != usual  # type: ignore[arg-type]
    assert fingerprint(LearnerSettings(), 301) != usual


@pytest.mark.slow
def test_where_fingerprints_are_equal_weights_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learner_module, "fingerprint", fingerprint)  # and not what is known of it
    made = [rounding_and_weights()]
    for rounding in ROUNDINGS:
        ended = run_python("-c", IN_A_PROCESS, cwd=ROOT, **rounding)
        made.append(json.loads(ended.stdout))
    weights_by_rounding: dict[str, set[str]] = {}
    for of_machine, weights in made:
        weights_by_rounding.setdefault(of_machine, set()).add(weights)
    print(f"{len(weights_by_rounding)} ways of rounding among {len(made)}")
    assert {len(weights) for weights in weights_by_rounding.values()} == {1}
