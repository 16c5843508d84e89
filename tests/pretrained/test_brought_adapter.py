"""An adapter that was brought: what it knew before any card is its own, also in a resumed run."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
import torch

from flashcards.learner import saving
from flashcards.learner.brought.base import Base
from flashcards.learner.brought.opener import bring
from flashcards.learner.brought.pretrained_settings import PretrainedSettings
from flashcards.learner.brought.stacked_states import stacked_groups
from flashcards.learner.learner import Learner
from flashcards.trainer.opening import open_learner
from tests.pretrained.test_exported import exported
from tests.pretrained.test_numbers import CARDS, a_deck, brought
from tests.pretrained.test_runs import deck, taught
from tests.pretrained.tiny import a_model

__all__ = ["deck"]

pytestmark = pytest.mark.slow

ALL = range(len(CARDS))


def test_before_is_what_the_adapter_answers_not_its_bare_base(deck: Path) -> None:
    run = taught(deck, a_model("qwen2"), "--set", "learning_rate=0.02", n_steps=30)
    adapter = exported(run, "--to", "hf", "--adapter")
    first = Learner.bring(a_deck(), bring(adapter, a_deck()))
    bare = brought(a_model("qwen2"), learned="adapter")
    before = first.grade(ALL)
    assert before != bare.grade(ALL)
    begun = first.save({})
    for _ in range(3):
        first.adjust(first.study(ALL))
    assert first.grade(ALL) != before
    assert first.grade(ALL, is_as_brought=True) == before
    # the adapter's files are not looked at again
    for saved in (begun, first.save({})):
        base = bring(a_model("qwen2"), a_deck(), {"learned": "adapter", "rank": 4}).base
        assert base is not None
        settings = first.settings
        assert isinstance(settings, PretrainedSettings)
        resumed, _ = Learner.restore(
            a_deck(),
            settings,
            first.tokenizer_model,
            saved,
            base=Base(settings, base.network, base.groups, base.sha256),
        )
        assert resumed.grade(ALL, is_as_brought=True) == before


@pytest.mark.parametrize("learned", ["adapter", "last_layers", "all"])
@pytest.mark.parametrize("kind", ["llama", "qwen2", "qwen3"])
def test_a_state_of_an_earlier_run_answers_as_it_did(kind: str, learned: str) -> None:
    """There queries, keys and values were one tensor, and so were gate and up."""
    chosen: dict[str, int | str | float] = {"learned": learned, "learning_rate": 0.01}
    learner = brought(a_model(kind), n_adapted_layers=0, **chosen)
    for _ in range(3):
        learner.adjust(learner.study(ALL))
    assert learner.base is not None
    stacked = msgspec.structs.replace(learner.base.settings, is_stacked=True)
    groups = stacked_groups(stacked, learner.base.own)
    now = learner.averaged.named()
    averages = {
        f"averaged.{name}": torch.cat([now[part] for part in parts])
        for name, parts in groups.items()
    }
    if learned == "adapter":
        assert averages["averaged.layers.0.qkv.reduce"].shape[0] == 3 * stacked.rank
    extra = {"base": learner.base.sha256.encode()}
    earlier = Base(stacked, learner.base.network, groups, learner.base.sha256)
    saved = saving.pack(averages, 3, extra)
    again, _ = Learner.restore(a_deck(), stacked, learner.tokenizer_model, saved, base=earlier)
    assert again.grade(ALL) == learner.grade(ALL)
    assert again.answer("France").text == learner.answer("France").text
    again.adjust(again.study(ALL))
    whole, _ = Learner.restore(
        a_deck(), stacked, learner.tokenizer_model, again.save({}), base=earlier
    )
    assert whole.flat.equal(again.flat)


def test_a_run_of_a_brought_adapter_is_resumed_and_knows_what_it_brought(deck: Path) -> None:
    run = taught(deck, a_model("qwen3"), "--set", "learning_rate=0.02", n_steps=30)
    adapter = exported(run, "--to", "hf", "--adapter")
    later = taught(deck, adapter, n_steps=4, runs="later")
    before = Learner.bring(a_deck(), bring(adapter, a_deck())).grade(ALL)
    learner = open_learner(later).learner
    learner.take_deck(a_deck())
    assert learner.step == 4
    assert learner.grade(ALL, is_as_brought=True) == before
