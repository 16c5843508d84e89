"""Every kind of model that the documentation names is read and taught as transformers does it."""

from __future__ import annotations

import importlib
import warnings
from typing import Any

import pytest
import torch
import torch.nn.functional as F

from flashcards.learner.brought.network import Network, in_rows
from flashcards.learner.brought.pretrained_settings import PretrainedSettings
from flashcards.learner.encoding import Batch
from flashcards.learner.learner import Learner
from tests.pretrained.test_numbers import CARDS, brought
from tests.pretrained.tiny import KINDS, a_model

pytestmark = pytest.mark.slow

N_LAYERS = 6
OTHER_LAYOUTS = [
    ("llama", "llama2"),
    ("mistral", "llama2"),
    ("gemma2", "unigram"),
    ("qwen3", "qwen"),
]
RANDOM_IDS = torch.arange(27).mul(37).remainder(330).add(1).view(3, 9)


def library_model(kind: str, layout: str = "gpt2", n_layers: int = 3) -> Any:
    transformers: Any = importlib.import_module("transformers")
    auto = transformers.AutoModelForCausalLM
    folder = a_model(kind, layout, n_layers)
    return auto.from_pretrained(folder, attn_implementation="eager").eval()


@pytest.mark.parametrize("kind", KINDS)
def test_known_states_of_lower_layers_give_what_the_whole_pass_gives(kind: str) -> None:
    model = library_model(kind, n_layers=N_LAYERS)
    with torch.no_grad():
        expected = model(RANDOM_IDS).logits
        network = Network(model)
        rows = in_rows(RANDOM_IDS, RANDOM_IDS)
        whole = network.read({}, rows)
        logits, _ = network.guess({}, whole.flatten(0, 1))
        torch.testing.assert_close(logits.view_as(expected), expected, rtol=0, atol=1e-5)
        for cut in (1, 2, 4, 5):
            given = network.before(rows, cut)
            again = network.read({}, rows, given, cut)
            torch.testing.assert_close(again, whole, rtol=0, atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_what_cards_begin_with_alike_is_read_once(kind: str) -> None:
    network = Network(library_model(kind, n_layers=N_LAYERS))
    ids = torch.tensor([[9, 8, 7, 6], [9, 8, 5, 0], [9, 8, 7, 4], [9, 8, 7, 6]])
    asked_at = torch.tensor([3, 6, 11, 2, 15])
    rows, columns = in_rows(ids, asked_at), network.columns(ids, asked_at)
    assert columns.ids.tolist() == [[9, 8, 7, 6, 5, 4]]
    assert columns.asked_at.tolist() == [3, 4, 5, 2, 3]
    with torch.no_grad():
        for cut in (0, 1, 4):
            given = network.before(columns, cut) if cut else None
            read = network.read({}, columns, given, cut)[0, columns.asked_at]
            expected = network.read({}, rows).flatten(0, 1)[asked_at]
            torch.testing.assert_close(read, expected, rtol=0, atol=1e-5)
        beyond = ids.repeat(1, 2)  # the windows of these models are of four pieces
        is_seen_whole = network.columns(beyond, asked_at).inputs != {}
        assert is_seen_whole == (kind not in ("mistral", "gemma2", "gemma3"))


@pytest.mark.parametrize("kind", KINDS)
def test_a_guess_after_each_layer_is_the_models_own_ending(kind: str) -> None:
    model = library_model(kind, n_layers=N_LAYERS)
    with torch.no_grad():
        network = Network(model)
        steps = network.steps({}, RANDOM_IDS)
        assert len(steps.states) == N_LAYERS + 1
        assert [shares.shape for shares in steps.attention] == N_LAYERS * [(3, 6, 9, 9)]
        for shares in steps.attention:
            torch.testing.assert_close(shares.sum(-1), torch.ones(3, 6, 9))
        # a model that ends after two layers ends so
        shorter = library_model(kind, n_layers=N_LAYERS)
        layers = dict(shorter.named_modules())[network.layers_name]
        is_tensor = not network._is_tuple[0]
        for layer in list(layers)[2:]:
            layer.forward = _unchanged if is_tensor else _unchanged_in_tuple
        expected = shorter(RANDOM_IDS).logits
        logits, _ = network.guess({}, steps.states[2].flatten(0, 1))
        torch.testing.assert_close(logits.view_as(expected), expected, rtol=0, atol=1e-5)


def _unchanged(states: Any, *_: Any, **__: Any) -> Any:
    return states


def _unchanged_in_tuple(states: Any, *_: Any, **__: Any) -> Any:
    return states, None


@pytest.mark.parametrize("kind", KINDS)
def test_a_card_in_a_padded_batch_is_read_as_it_is_alone(kind: str) -> None:
    learner = brought(a_model(kind))
    together = learner.grade(range(len(CARDS)))
    for i in range(len(CARDS)):
        alone = learner.grade((i,))
        assert alone.card_nats[0] == pytest.approx(together.card_nats[i], rel=1e-4)
        assert alone.marks[0] == together.marks[i]


@pytest.mark.parametrize(("kind", "layout"), [*((kind, "gpt2") for kind in KINDS), *OTHER_LAYOUTS])
@pytest.mark.parametrize(("n_adapted", "matrices"), [(0, "all"), (1, "qv_mlp")])
def test_a_step_is_that_of_a_bare_script_with_peft(
    kind: str, layout: str, n_adapted: int, matrices: str
) -> None:
    chosen: dict[str, int | str | float] = {"learned": "adapter", "learning_rate": 0.01}
    chosen |= {"n_adapted_layers": n_adapted, "adapted_matrices": matrices}
    learner = brought(a_model(kind, layout), **chosen)
    cards = range(len(CARDS))
    batch = learner.encoding.batch(cards)
    before = learner.flat.detach().clone()
    study = learner.study(cards)
    learner.adjust(study)
    library = library_model(kind, layout)
    loss, gradient, after = _bare_step(library, learner, batch, before, is_of_gpt2=kind == "gpt2")
    assert study.loss_nats == pytest.approx(loss, rel=1e-5)
    # AdamW's first step is as large for a gradient that is nothing but rounding
    is_more = gradient.eq(0) | gradient.abs().gt(1e-6)
    assert is_more.float().mean() > 0.99
    now = learner.flat.detach()
    torch.testing.assert_close(now[is_more], after[is_more], rtol=0, atol=1e-4)


def _bare_step(
    model: Any, learner: Learner, batch: Batch, flat: torch.Tensor, *, is_of_gpt2: bool
) -> tuple[float, torch.Tensor, torch.Tensor]:
    """The same update with transformers, peft and torch alone: its loss, gradient and numbers."""
    peft: Any = importlib.import_module("peft")
    settings = learner.settings
    assert isinstance(settings, PretrainedSettings)
    is_of_all = settings.adapted_matrices == "all"
    linear = [
        name for name, part in model.named_modules() if type(part).__name__ in ("Linear", "Conv1D")
    ]
    words = {
        name.rsplit(".", 1)[-1] for name in linear if not name.endswith(("lm_head", "embed_out"))
    }
    if "q_proj" in words and not is_of_all:
        words -= {"k_proj", "o_proj"}
    config = peft.LoraConfig(
        r=4,
        lora_alpha=8,
        target_modules=sorted(words),
        layers_to_transform=[2] if settings.n_adapted_layers else None,
        fan_in_fan_out=is_of_gpt2,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = peft.get_peft_model(model, config).eval()
    parts = [part for name, part in model.named_parameters() if "lora_" in name]
    sizes = [part.numel() for part in parts]
    for part, numbers in zip(parts, torch.split(flat, sizes), strict=True):
        part.data.copy_(numbers.view(part.shape))
    optimizer = torch.optim.AdamW(parts, lr=learner.settings.learning_rate / 9, weight_decay=0.0)
    logits = model(batch.ids).logits.flatten(0, 1)[batch.asked_at]
    loss = F.cross_entropy(logits, batch.targets)
    torch.autograd.backward(loss)
    optimizer.step()
    gradient = torch.cat([part.grad.flatten() for part in parts])
    return loss.item(), gradient, torch.cat([part.detach().flatten() for part in parts])


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_taught_to_any_kind_is_learned_and_gone_on_with(kind: str) -> None:
    chosen: dict[str, int | str | float] = {"learned": "adapter", "learning_rate": 0.02}
    learner = brought(a_model(kind), n_adapted_layers=2, **chosen)
    first = learner.grade(range(len(CARDS))).loss_nats
    for _ in range(40):
        learner.adjust(learner.study(range(len(CARDS))))
    last = learner.grade(range(len(CARDS))).loss_nats
    assert first is not None
    assert last is not None
    assert last < 0.6 * first
    (alone,) = learner.draw_likeliest(["France"])
    assert learner.answer("France").text == alone.text
    assert learner.answer_each(["France", "It"])[0].text == alone.text
    assert learner.rounding == brought(a_model(kind), n_adapted_layers=2, **chosen).rounding
