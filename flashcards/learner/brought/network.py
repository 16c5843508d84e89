"""The one seam to models that others have trained: `states` of each layer, and a `guess` from them.

A `Network` is a causal language model of `transformers` as this program reads it. Whatever
happens between its layers stays that library's: masks, positions, norms, caps. Each layer's
`forward` is replaced once by a gate, which can pass the layer over. So states that are known go on
from any layer, and a guess can be asked for after each one, for every architecture alike.
Sizes as in model.py.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

Numbers = Mapping[str, Tensor]
"""Numbers that are read in place of the model's own, by the names of its parameters."""


class LayerStates(NamedTuple):
    """A card's way: [B, T, C] after the embedding and each layer, [B, H, T, T] shares of each."""

    states: tuple[Tensor, ...]
    attention: tuple[Tensor, ...]


@dataclass
class _Passage:
    """The layers that the next pass goes through, `first` to before `end`, and what it leaves."""

    first: int
    end: int
    given: Tensor | None = None  # states before the layer `first`, known from elsewhere
    after: list[Tensor] = field(default_factory=list)


class Network:
    """A causal language model of `transformers`, in 32-bit numbers.

    Attributes:
        model: The module itself. Its own numbers are those that were brought; they never change.
        layers: Its layers, in order.
        layers_name: The name under which the model has them: "model.layers".
        lora_config: Of the adapter that was put into it, peft's; None without one.
    """

    def __init__(self, model: Any) -> None:
        self.model = model.eval().requires_grad_(False)
        self.layers_name, self.layers = layers_of(model)
        self.config = model.config.get_text_config()
        self.lora_config: Any = None
        self._passage = _Passage(0, len(self.layers))
        self._is_tuple = [False] * len(self.layers)  # in which way each layer gives its states
        self._head_input: Tensor | None = None
        for place, layer in enumerate(self.layers):
            layer.forward = self._gate(place, layer.forward)
        head = model.get_output_embeddings()
        head.register_forward_pre_hook(lambda _, args: setattr(self, "_head_input", args[0]))
        named = inspect.signature(model.forward).parameters
        self._cache_name = "cache" if "cache" in named else "past_key_values"

    @property
    def n_layers(self) -> int:
        return len(self.layers)

    def _gate(self, place: int, forward: Callable[..., Any]) -> Callable[..., Any]:
        def gate(states: Tensor, *args: Any, **named: Any) -> Any:
            passage = self._passage
            if passage.first <= place < passage.end:
                result = forward(states, *args, **named)
                self._is_tuple[place] = isinstance(result, tuple)
                passage.after.append(result[0] if isinstance(result, tuple) else result)
                return result
            if place + 1 == passage.first and passage.given is not None:
                states = passage.given
            return (states, None, None) if self._is_tuple[place] else states

        return gate

    def _pass(self, module: nn.Module, numbers: Numbers, passage: _Passage, **inputs: Any) -> Any:
        self._passage = passage
        return torch.func.functional_call(module, dict(numbers), (), inputs)

    def _body(self, numbers: Numbers, passage: _Passage, ids: Tensor, **inputs: Any) -> Any:
        """The pass without the head."""
        body = self.model.base_model
        start = f"{self.model.base_model_prefix}."
        inner = {
            name.removeprefix(start): part
            for name, part in numbers.items()
            if name.startswith(start) or body is self.model
        }
        inputs = {"input_ids": ids, "use_cache": False, **inputs}
        return self._pass(body, inner, passage, **inputs)

    def read(
        self, numbers: Numbers, ids: Tensor, given: Tensor | None = None, first: int = 0
    ) -> Tensor:
        """[B, T, C] after the last layer. Padding stands at the end, where no piece sees it.

        Args:
            ids: [B, T]
            given: [B, T, C] the states before the layer `first`, where they are known.
        """
        passage = _Passage(first, self.n_layers, given)
        self._body(numbers, passage, ids)
        return passage.after[-1]

    def before(self, ids: Tensor, layer: int) -> Tensor:
        """[B, T, C] the states before this layer, by the model's own numbers."""
        passage = _Passage(0, layer)
        self._body({}, passage, ids)
        return passage.after[-1]

    def steps(self, numbers: Numbers, ids: Tensor) -> LayerStates:
        """The states after the embedding and after each layer, and what attention took."""
        first: list[Tensor] = []
        hook = self.layers[0].register_forward_pre_hook(lambda _, args: first.append(args[0]))
        passage = _Passage(0, self.n_layers)
        try:
            result = self._body(numbers, passage, ids, output_attentions=True)
        finally:
            hook.remove()
        return LayerStates((*first[:1], *passage.after), tuple(result.attentions))

    def guess(self, numbers: Numbers, states: Tensor) -> tuple[Tensor, Tensor]:
        """Logits [N, V] if the model ended with these states [N, C], by its own last norm, head and
        cap; and what the head read, [N, C]."""
        none = torch.zeros(len(states), 1, dtype=torch.int64, device=states.device)
        passage = _Passage(self.n_layers, self.n_layers, states[:, None])
        result = self._pass(self.model, numbers, passage, input_ids=none, use_cache=False)
        assert self._head_input is not None
        inputs, self._head_input = self._head_input.detach()[:, 0], None
        return result.logits[:, 0], inputs

    def check(self) -> None:
        """Raises ValueError: it can't be looked into as this program does."""
        with torch.no_grad():
            try:
                steps = self.steps({}, torch.tensor([[1, 2]], device=self.model.device))
            except (AttributeError, TypeError) as error:
                raise ValueError("it has no layers with attention") from error
        if len(steps.attention) != self.n_layers or len(steps.states) != self.n_layers + 1:
            raise ValueError("not all of its layers have attention")

    def new_cache(self) -> Any:
        """Keys and values of what was read, empty; `transformers.Cache`."""
        from transformers import DynamicCache

        return DynamicCache(config=self.config)

    def read_on(
        self, numbers: Numbers, ids: Tensor, cache: Any, is_seen: Tensor | None = None
    ) -> Tensor:
        """[B, C] after the last layer at the last of these pieces, which follow those in the cache.

        Args:
            ids: [B, T]
            is_seen: [B, S] of all S pieces up to these, 0 for padding that nobody looks at.
        """
        passage = _Passage(0, self.n_layers)
        inputs: dict[str, Any] = {"use_cache": True, self._cache_name: cache}
        if is_seen is not None:
            places = is_seen.cumsum(-1).sub(1).clamp(min=0)
            inputs |= {"attention_mask": is_seen, "position_ids": places[:, -ids.shape[1] :]}
        self._body(numbers, passage, ids, **inputs)
        return passage.after[-1][:, -1]


def layers_of(model: Any) -> tuple[str, nn.ModuleList]:
    """The name of the model's list of layers, and the list.
    Raises ValueError: there is none, so that it can't be read layer by layer."""
    n_layers = model.config.get_text_config().num_hidden_layers
    for name, module in model.named_modules():
        if isinstance(module, nn.ModuleList) and len(module) == n_layers:
            return name, module
    raise ValueError("its layers don't stand in one list")


def is_transposed(module: nn.Module) -> bool:
    """Tell whether its rows are inputs, as GPT-2's are."""
    return type(module).__name__ == "Conv1D"


def matrices_of(module: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    """The linear maps in a module, in order, by name; without an adapter's own."""
    for name, part in module.named_modules():
        if (isinstance(part, nn.Linear) or is_transposed(part)) and "lora_" not in name:
            yield name.removesuffix(".base_layer"), part
