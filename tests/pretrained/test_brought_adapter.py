"""An adapter that was brought: what it knew before any card is its own, also in a resumed run."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import msgspec
import pytest
import torch

from flashcards.cli import main
from flashcards.learner import saving
from flashcards.learner.brought.base import Base
from flashcards.learner.brought.opener import bring
from flashcards.learner.brought.pretrained_settings import PretrainedSettings
from flashcards.learner.brought.stacked_states import stacked_groups
from flashcards.learner.learner import Learner
from flashcards.runs.commands import Ask, Play, Stop, SwitchAdapter
from flashcards.runs.events import AdapterSwitched, AnyEvent, PromptAnswered
from flashcards.trainer.opening import open_learner
from tests.pretrained.test_exported import exported
from tests.pretrained.test_numbers import CARDS, a_deck, brought
from tests.pretrained.test_runs import deck, taught
from tests.pretrained.tiny import ASK, a_model
from tests.trainer.lessons import Clock, ScriptedInbox, run_lesson

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


def test_the_adapter_comes_off_and_on_in_the_first_lesson_and_a_saved_state_knows_which() -> None:
    learner = brought(a_model("llama"), learned="adapter", learning_rate=0.02)
    before = learner.grade(ALL)
    for _ in range(3):
        learner.adjust(learner.study(ALL))
    taught_sha, after = learner.weights_sha256(), learner.grade(ALL)
    assert after != before
    assert learner.switch_adapter(is_on=False)
    assert learner.is_adapter_off
    assert learner.grade(ALL) == before
    assert not learner.switch_adapter(is_on=False)
    assert isinstance(learner.settings, PretrainedSettings)
    again, _ = Learner.restore(
        a_deck(), learner.settings, learner.tokenizer_model, learner.save({}), base=learner.base
    )
    assert again.is_adapter_off
    assert again.grade(ALL) == before
    for on in (learner, again):
        assert on.switch_adapter(is_on=True)
        assert on.weights_sha256() == taught_sha
        assert on.grade(ALL) == after
        on.adjust(on.study(ALL))
    assert again.save({}) == learner.save({})


def test_where_no_adapter_learns_there_is_none_to_take_off() -> None:
    learner = brought(a_model("llama"), learned="last_layers")
    assert not learner.switch_adapter(is_on=False)
    assert not learner.is_adapter_off


@pytest.mark.filterwarnings("ignore::FutureWarning")  # peft of transformers
@pytest.mark.parametrize("is_dora", [False, True])
def test_off_a_brought_adapter_leaves_the_bare_model(is_dora: bool, tmp_path: Path) -> None:
    bare = brought(a_model("llama")).grade(ALL)
    model = importlib.import_module("transformers").AutoModelForCausalLM
    peft = importlib.import_module("peft")
    config = peft.LoraConfig(r=2, target_modules=["q_proj", "down_proj"], use_dora=is_dora)
    adapted = peft.get_peft_model(model.from_pretrained(a_model("llama")), config)
    torch.manual_seed(3)
    for name, part in adapted.named_parameters():
        if ".lora_" in name:
            part.data.add_(0.3 * torch.randn(part.shape))
    adapted.save_pretrained(tmp_path / "adapter")
    learner = Learner.bring(a_deck(), bring(tmp_path / "adapter", a_deck()))
    as_brought = learner.grade(ALL)
    assert as_brought != bare
    assert learner.switch_adapter(is_on=False)
    assert learner.grade(ALL).marks == bare.marks
    assert learner.grade(ALL).card_nats == pytest.approx(bare.card_nats, rel=1e-5)
    learner.switch_adapter(is_on=True)
    assert learner.grade(ALL) == as_brought


def test_a_lesson_with_the_adapter_off_and_on_is_verified_and_opened_as_it_was_taught(
    deck: Path,
) -> None:
    settings = {"learned": "adapter", "learning_rate": 0.02}
    wishes: dict[str, Any] = {"model": str(a_model("llama")), "settings": settings, "ask": ASK}
    whole, _ = run_lesson(deck, deck.parent / "whole", script=[(8, Stop())], **wishes)
    off = SwitchAdapter(is_on=False)
    inbox = ScriptedInbox(Clock(), [(4, off), (8, off)])

    def react(event: AnyEvent) -> None:
        if isinstance(event, AdapterSwitched) and not event.is_on:
            inbox.put(Ask(prompt="France", request=1) if event.step == 4 else Stop())
        elif isinstance(event, PromptAnswered):
            inbox.put(Play())

    opened, watched = run_lesson(deck, inbox=inbox, react=react, **wishes)
    answered = watched.of(PromptAnswered)[-1]
    assert answered.is_adapter_off
    assert [event.is_on for event in watched.of(AdapterSwitched)] == [False, True, False]
    run = opened.keeper.folder.path
    assert opened.keeper.state.has_adapter
    assert main(["verify", str(run)]) == 0
    straight = open_learner(whole.keeper.folder.path).learner
    assert open_learner(run).learner.weights_sha256() == straight.weights_sha256()
    second = deck.with_name("second.deck")
    second.write_text("Austria :: Vienna\nNorway :: Oslo\n", encoding="utf-8")
    later, watched = run_lesson(second, script=[(8, Stop())], after=str(run), ask=ASK)
    assert later.training.learner.weights_sha256() == straight.weights_sha256()


@pytest.mark.parametrize("learned", ["adapter", "last_layers", "all"])
@pytest.mark.parametrize("kind", ["llama", "qwen2", "qwen3"])
def test_a_state_of_an_earlier_run_answers_as_it_did(kind: str, learned: str) -> None:
    """There queries, keys and values were one tensor, and so were gate and up."""
    chosen: dict[str, int | str | float] = {"learned": learned, "learning_rate": 0.01}
    learner = brought(a_model(kind), n_adapted_layers=0, adapted_matrices="all", **chosen)
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
