"""Products of brought models are torch's, whichever library computes them."""

import importlib
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from flashcards.learner.brought import base, products
from flashcards.learner.brought.network import Network, in_rows
from flashcards.learner.brought.products import (
    FEW_ROWS,
    ROWS_OF_NARROWING,
    PackedBack,
    adapted,
    frozen,
)
from tests.pretrained.tiny import a_model

ROWS = [1, *(n for rows in (FEW_ROWS, ROWS_OF_NARROWING) for n in (rows[0], rows[-1], rows.stop))]


def results_of(x: Tensor, *learned: Tensor, y: Tensor) -> list[Tensor]:
    """What was computed, and its derivative by what it was computed from."""
    weights = torch.linspace(-1, 1, y.numel()).view_as(y)
    return [y, *torch.autograd.grad((y * weights).sum(), (x, *learned))]


@pytest.mark.parametrize("n_rows", ROWS)
@pytest.mark.parametrize("sizes", [(48, 32), (32, 48)])
@pytest.mark.parametrize("has_bias", [False, True])
def test_a_product_of_any_number_of_rows_is_that_of_torch(
    n_rows: int, sizes: tuple[int, int], *, has_bias: bool
) -> None:
    torch.manual_seed(n_rows)
    module: Any = nn.Linear(*sizes, bias=has_bias).requires_grad_(False)
    x = torch.randn(1, n_rows, sizes[0], requires_grad=True)
    expected = results_of(x, y=F.linear(x, module.weight, module.bias))
    torch.testing.assert_close(results_of(x, y=frozen(module, x)), expected)


@pytest.mark.parametrize("n_rows", ROWS)
@pytest.mark.parametrize("sizes", [(48, 32), (32, 48)])
@pytest.mark.parametrize("is_packed", [False, True])
def test_a_product_with_an_adapter_is_that_of_peft(
    n_rows: int, sizes: tuple[int, int], *, is_packed: bool
) -> None:
    peft: Any = importlib.import_module("peft")
    torch.manual_seed(n_rows)
    holder = nn.ModuleDict({"linear": nn.Linear(*sizes, bias=False)})
    config = peft.LoraConfig(r=4, lora_alpha=8, target_modules=["linear"])
    peft.inject_adapter_in_model(config, holder)
    module: Any = holder["linear"]
    down, up = module.lora_A["default"].weight, module.lora_B["default"].weight
    nn.init.normal_(up)
    x = torch.randn(1, n_rows, sizes[0], requires_grad=True)
    expected = results_of(x, down, up, y=module(x))
    back = PackedBack() if is_packed else torch.matmul
    for _ in range(2):  # it is packed at the first
        found = results_of(x, down, up, y=adapted(module, x, back))
        torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)


def test_what_onednn_does_not_pack_is_multiplied_as_it_lies(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    y, matrix = torch.randn(5, 32), torch.randn(32, 48)
    doubled = PackedBack()(y.double(), matrix.double())
    assert torch.equal(doubled, y.double() @ matrix.double())
    monkeypatch.setattr(products, "CAN_PACK", False)
    assert torch.equal(PackedBack()(y, matrix), y @ matrix)


def test_only_the_largest_matrices_are_packed_and_no_more_than_may_be(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(base, "PACKED_BYTES", 4 * 64 * 64 * 5)
    sizes = {"small": (64, 32), "large": (64, 128), "middle": (64, 64), "next": (64, 128)}
    holder = nn.ModuleDict({name: nn.Linear(*size, bias=False) for name, size in sizes.items()})
    backs = base.ways_back(list(holder.values()))
    packed = {name for name, part in holder.items() if isinstance(backs[part], PackedBack)}
    assert packed == {"large", "next", "middle"}


@pytest.mark.parametrize("kind", ["qwen3", "qwen2"])
def test_numbers_that_are_read_in_place_of_a_models_own_are_read_wherever_it_has_them(
    kind: str,
) -> None:
    """The embedding of the first is its head, too."""
    auto: Any = importlib.import_module("transformers").AutoModelForCausalLM
    model = auto.from_pretrained(a_model(kind), attn_implementation="eager").eval()
    ids = torch.tensor([[1, 2, 3]])
    numbers = {name: 1.5 * part.detach() for name, part in model.named_parameters()}
    own = {name: part.detach().clone() for name, part in model.named_parameters()}
    with torch.no_grad():
        expected = torch.func.functional_call(model, numbers, (ids,)).logits[0]
        network = Network(model)
        states = network.read(numbers, in_rows(ids, ids))
        logits, _ = network.guess(numbers, states[0])
    torch.testing.assert_close(logits, expected)
    assert all(torch.equal(part, own[name]) for name, part in model.named_parameters())
