"""The one seam to models that others have trained: `states` of each layer, and a `guess` from them.

A `Network` is a causal language model of `transformers` as this program reads it. Whatever
happens between its layers stays that library's: masks, positions, norms, caps. Each layer's
`forward` is replaced once by a gate, which can pass the layer over. So states that are known go on
from any layer, and a guess can be asked for after each one, for every architecture alike.
Sizes as in model.py.
"""

from __future__ import annotations

import functools
import inspect
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from flashcards.learner.brought import products

WINDOWS = ("sliding_window", "attention_chunk_size")
"""transformers' names of how far a layer looks back."""

SHARED = 0.9  # columns are shared while there are at most so many for each piece
MAX_COLUMNS = 512  # and so many in all: each has scores for all others, in every layer

Numbers = Mapping[str, Tensor]
"""Numbers that are read in place of the model's own, by the names of its parameters."""


class PieceColumns(NamedTuple):
    """Sequences as they are read. One that begins as another does shares the columns of it, and
    what comes after the last place asked of a sequence has none."""

    ids: Tensor  # [R, M] int64
    sources: list[tuple[int, int]]  # of each, row after row: a sequence, and the place in it
    asked_at: Tensor  # [N] int64, flat indices into R * M
    inputs: Mapping[str, Tensor] = {}  # where columns are shared: their places, and who sees whom


def in_rows(ids: Tensor, asked_at: Tensor) -> PieceColumns:
    """Sequences [B, T], each in a row of its own. Padding at the end is seen by nobody."""
    n_rows, n_pieces = ids.shape
    sources = [(row, place) for row in range(n_rows) for place in range(n_pieces)]
    return PieceColumns(ids, sources, asked_at)


def is_the_same(states: Tensor, others: Tensor) -> bool:
    """Tell whether these vectors [..., C] are the same but for how they were rounded."""
    return bool(((states - others).norm(dim=-1) <= 1e-4 * others.norm(dim=-1)).all())


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
        head: Any = model.get_output_embeddings()
        is_plain = type(head) is nn.Linear
        if is_plain:
            head.forward = functools.partial(products.frozen, head)
        head.register_forward_pre_hook(lambda _, args: setattr(self, "_head_input", args[0]))
        named = inspect.signature(model.forward).parameters
        self._cache_name = "cache" if "cache" in named else "past_key_values"
        windows = (getattr(self.config, name, None) for name in WINDOWS)
        self._window = min((window for window in windows if window), default=math.inf)

    @cached_property
    def _takes_columns(self) -> bool:
        """True where this kind of model comes to the same where columns are shared."""
        ids = torch.tensor([[1, 2, 3], [1, 2, 4]], device=self.model.device)
        self.__dict__["_takes_columns"] = True  # for `columns`, which is what is tried here
        with torch.no_grad():
            whole = self.read({}, in_rows(ids, ids)).flatten(0, 1)
            try:
                shared = self.columns(ids, torch.arange(6))
                read = self.read({}, shared)[0, shared.asked_at]
            except (RuntimeError, TypeError, ValueError):
                return False
        return is_the_same(read, whole)

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

    def columns(self, ids: Tensor, asked_at: Tensor) -> PieceColumns:
        """Sequences [B, T], to be read up to the places asked: [N], flat indices into B * T."""
        n_pieces = ids.shape[1]
        asked_places = [divmod(at, n_pieces) for at in asked_at.tolist()]
        furthest = dict(sorted(asked_places))  # the last place asked of each row
        columns: dict[tuple[int, int], int] = {}  # by the column before it, and its piece
        seen: list[list[int]] = []  # the columns that each sees
        sources: list[tuple[int, int]] = []
        column_at = {}
        for row, pieces in enumerate(ids.tolist()):
            column = -1
            for place, piece in enumerate(pieces[: furthest.get(row, -1) + 1]):
                before = seen[column] if place else []
                column = columns.setdefault((column, piece), len(columns))
                column_at[row, place] = column
                if column == len(seen):
                    seen.append([*before, column])
                    sources.append((row, place))
        n_columns = len(seen)
        is_worth_it = n_columns < min(SHARED * ids.numel(), MAX_COLUMNS)
        if not (is_worth_it and n_pieces <= self._window and self._takes_columns):
            return in_rows(ids, asked_at)
        hidden = torch.full((n_columns, n_columns), torch.finfo(torch.float32).min)
        pairs = [(column, other) for column, all_seen in enumerate(seen) for other in all_seen]
        hidden[tuple(torch.tensor(pairs).T)] = 0.0
        rows, places = torch.tensor(sources, device=ids.device).T
        return PieceColumns(
            ids[rows, places][None],
            sources,
            torch.tensor([column_at[at] for at in asked_places], device=ids.device),
            {"position_ids": places[None], "attention_mask": hidden[None, None].to(ids.device)},
        )

    @cached_property
    def _own(self) -> Numbers:
        """The model's own numbers, by name; wanted once what learns beside them is there."""
        return dict(self.model.named_parameters())

    @cached_property
    def _holders(self) -> Mapping[str, list[tuple[dict[str, Any], str]]]:
        """The places in modules where these numbers are, by name: a dictionary, and a name in it;
        several where modules share them."""
        names = {part: name for name, part in self._own.items()}
        holders: dict[str, list[tuple[dict[str, Any], str]]] = {name: [] for name in self._own}
        for module in self.model.modules():
            for key, part in module._parameters.items():
                if part is not None:
                    holders[names[part]].append((module._parameters, key))
        return holders

    def _put(self, numbers: Numbers) -> None:
        for name, part in numbers.items():
            for holder, key in self._holders[name]:
                holder[key] = part

    def _pass(self, module: nn.Module, numbers: Numbers, passage: _Passage, **inputs: Any) -> Any:
        """The pass with these numbers: as `torch.func.functional_call`, which looks for the places
        of an adapter's numbers each time, 1 % of an update."""
        self._passage = passage
        self._put(numbers)
        try:
            return module(**inputs)
        finally:
            self._put({name: self._own[name] for name in numbers})

    def _body(self, numbers: Numbers, passage: _Passage, ids: Tensor, **inputs: Any) -> Any:
        """The pass without the head."""
        inputs = {"input_ids": ids, "use_cache": False, **inputs}
        return self._pass(self.model.base_model, numbers, passage, **inputs)

    def read(
        self, numbers: Numbers, columns: PieceColumns, given: Tensor | None = None, first: int = 0
    ) -> Tensor:
        """[R, M, C] after the last layer. `given`: [R, M, C] the states before the layer `first`,
        where they are known."""
        passage = _Passage(first, self.n_layers, given)
        self._body(numbers, passage, columns.ids, **columns.inputs)
        return passage.after[-1]

    def before(self, columns: PieceColumns, layer: int) -> Tensor:
        """[R, M, C] the states before this layer, by the model's own numbers."""
        passage = _Passage(0, layer)
        self._body({}, passage, columns.ids, **columns.inputs)
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
