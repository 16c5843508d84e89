"""The numbers of a brought model: those that learn, in one flat tensor, and those that stay.

LoRA (arXiv:2106.09685) by `peft`, the last layers, or all numbers. `Base` has the model itself;
`BroughtWeights` is the model with some state of what learns.
"""

from __future__ import annotations

import copy
import functools
import math
import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import msgspec
import torch
from torch import Tensor, nn

from flashcards.learner import model
from flashcards.learner.brought.network import (
    Network,
    PieceColumns,
    in_rows,
    is_the_same,
    is_transposed,
    matrices_of,
)
from flashcards.learner.brought.pretrained_settings import AdaptedMatrices, PretrainedSettings
from flashcards.learner.brought.products import (
    ADAPTER_NAME,
    PACKED_BYTES,
    Back,
    PackedBack,
    adapted,
)
from flashcards.learner.encoding import Batch, Encoding
from flashcards.learner.optimizer import ADAMW, stack_by_stack
from flashcards.learner.settings import LearnerSettings
from flashcards.runs.details import PartName

SCALE = 2  # of what a new adapter adds: alpha / rank, with peft's alpha of twice the rank

KNOWN_BYTES = 256 << 20  # of states below what learns; then they are computed anew


def put_adapter(network: Network, settings: PretrainedSettings) -> None:
    """Put an adapter beside the matrices of the layers: the one that was brought, or a new one."""
    import peft

    if settings.adapter:
        config = peft.LoraConfig(**msgspec.json.decode(settings.adapter))
    else:
        matrices = dict(matrices_of(network.layers[0]))
        targets = _targets(matrices, settings.adapted_matrices)
        n_layers, n_adapted = network.n_layers, settings.n_adapted_layers or network.n_layers
        is_part = n_adapted < n_layers
        config = peft.LoraConfig(
            r=settings.rank,
            lora_alpha=SCALE * settings.rank,
            target_modules=sorted(targets),
            layers_to_transform=list(range(n_layers - n_adapted, n_layers)) if is_part else None,
            layers_pattern=network.layers_name.rsplit(".", 1)[-1] if is_part else None,
            fan_in_fan_out=any(map(is_transposed, matrices.values())),
        )
    peft.inject_adapter_in_model(config, network.model)
    network.model.eval().requires_grad_(False)
    network.lora_config = config
    plain = [
        module
        for module in network.model.modules()
        if type(module) is peft.tuners.lora.Linear
        and not (config.use_dora or is_transposed(module.base_layer))
    ]
    backs = ways_back([module.base_layer for module in plain])
    for module in plain:
        module.forward = functools.partial(adapted, module, back=backs[module.base_layer])


def ways_back(maps: Sequence[nn.Module]) -> dict[nn.Module, Back]:
    """The way back through each of these linear maps: packed for the largest matrices."""
    backs: dict[nn.Module, Back] = {}
    n_bytes_left = PACKED_BYTES
    for linear in sorted(maps, key=_n_bytes, reverse=True):
        is_packed = _n_bytes(linear) <= n_bytes_left
        n_bytes_left -= _n_bytes(linear) if is_packed else 0
        backs[linear] = PackedBack() if is_packed else torch.matmul
    return backs


def _n_bytes(linear: Any) -> int:
    n_bytes: int = linear.weight.nbytes
    return n_bytes


QUERIES_AND_VALUES = {"q_proj", "v_proj"}
"""The matrices of attention that LoRA's paper adapts; transformers' names where they are apart."""


def _targets(matrices: Iterable[str], chosen: AdaptedMatrices) -> set[str]:
    """The names that peft looks for at the ends of the names of a layer's matrices."""
    ends = {name: name.rsplit(".", 1)[-1] for name in matrices}
    if chosen == "all" or not QUERIES_AND_VALUES.issubset(ends.values()):
        return set(ends.values())
    return {
        end for name, end in ends.items() if end in QUERIES_AND_VALUES or _part_of(name) == "mlp"
    }


@dataclass(frozen=True, eq=False)
class Base:
    """A brought model, whose own numbers never change.

    Attributes:
        groups: What learns, as a saved state has it: its name, and the parameters that lie in it,
            row after row, by their names in the model.
        sha256: Of the file or the files, 64 hex digits.
    """

    settings: PretrainedSettings
    network: Network
    groups: Mapping[str, tuple[str, ...]]
    sha256: str

    def on(self, device: str) -> Base:
        """The same on this device; no copy where it is there."""
        if self.network.model.device != torch.device(device):
            self.network.model.to(device)
            self.__dict__.pop("own", None)
        return self

    @property
    def n_numbers(self) -> int:
        """All numbers of the model, without those of an adapter."""
        own = self.network.model.named_parameters()
        return sum(part.numel() for name, part in own if "lora_" not in name)

    @property
    def n_staying(self) -> int:
        """The numbers of the model that don't learn: beside an adapter all of its own."""
        return self.n_numbers - (0 if self.settings.learned == "adapter" else self.n_learned)

    @cached_property
    def own(self) -> Mapping[str, Tensor]:
        """The model's own numbers, by the names of its parameters."""
        named = self.network.model.named_parameters()
        return {name: part.detach() for name, part in named}

    @cached_property
    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        """The shape of everything that learns, in the order in which it lies."""
        shapes: dict[str, tuple[int, ...]] = {}
        for name, parts in self.groups.items():
            n_rows = sum(len(self.own[part]) for part in parts)
            shapes[name] = (n_rows, *self.own[parts[0]].shape[1:])
        return shapes

    @property
    def n_learned(self) -> int:
        return sum(map(math.prod, self.shapes.values()))

    @cached_property
    def first_learned(self) -> int:
        """The lowest layer that learns; below it the states of a card never change."""
        start = f"{self.network.layers_name}."
        places = [
            int(part.removeprefix(start).split(".")[0])
            for parts in self.groups.values()
            for part in parts
            if part.startswith(start)
        ]
        is_all = self.settings.learned == "all"
        return 0 if is_all or not places else min(places)

    @cached_property
    def known_states(self) -> KnownStates | None:
        """The states below what learns; None where the lowest layer learns, or where this kind of
        model does not come to the same from there: then every pass is a whole one."""
        if not self.first_learned:
            return None
        with torch.no_grad():
            ids = torch.tensor([[1, 2, 3]], device=self.network.model.device)
            columns = in_rows(ids, ids)
            whole = self.network.read({}, columns)
            given = self.network.before(columns, self.first_learned)
            from_there = self.network.read({}, columns, given, self.first_learned)
        if not is_the_same(from_there, whole):
            return None
        return KnownStates(self.network, self.first_learned)

    def new_numbers(self, seed: int) -> Tensor:
        """The numbers that learn as they begin, flat: the model answers as it was brought.
        What expands a new adapter is zero, what reduces is random by the seed."""
        generator = torch.Generator().manual_seed(seed)
        is_new_adapter = self.settings.learned == "adapter" and not self.settings.adapter
        parts = []
        for name, shape in self.shapes.items():
            if is_new_adapter and ".lora_A." in self.groups[name][0]:
                drawn = torch.rand(shape, generator=generator).mul_(2).sub_(1)
                parts.append((drawn * shape[-1] ** -0.5).flatten())
            else:
                own = [self.own[part].flatten().cpu() for part in self.groups[name]]
                parts.append(torch.cat(own))
        return torch.cat(parts)

    def without_adapter(self) -> Tensor | None:
        """The numbers with which the adapter adds nothing, flat; None where none learns."""
        if self.settings.learned != "adapter":
            return None
        parts = []
        for name, shape in self.shapes.items():
            module, _, kind = self.groups[name][0].partition(".lora_")
            if kind.startswith("magnitude_vector"):  # DoRA's: as long as the rows are without it
                matrix = self.own[f"{module}.base_layer.weight"]
                rows = matrix.T if self.network.lora_config.fan_in_fan_out else matrix
                parts.append(torch.linalg.norm(rows, dim=1))
            else:
                parts.append(torch.zeros(math.prod(shape), device=self.network.model.device))
        return torch.cat(parts)

    def views(self, flat: Tensor) -> BroughtWeights:
        """The model with these numbers that learn, [n]; no copy."""
        sizes = [math.prod(shape) for shape in self.shapes.values()]
        parts = zip(self.shapes.items(), torch.split(flat, sizes), strict=True)
        return BroughtWeights(self, {name: part.view(shape) for (name, shape), part in parts})

    def as_brought(self) -> BroughtWeights:
        """The model as it came, with the adapter that it came with."""
        learned = {
            name: torch.cat([self.own[part] for part in parts]) if parts[1:] else self.own[parts[0]]
            for name, parts in self.groups.items()
        }
        return BroughtWeights(self, learned)


class BroughtWeights(model.Weights):
    """A brought model with some state of what learns."""

    def __init__(self, base: Base, learned: dict[str, Tensor]) -> None:
        self.__dict__.update(base=base, learned=learned)

    base: Base
    learned: dict[str, Tensor]  # what learns, by the names of `Base.groups`

    def named(self) -> dict[str, Tensor]:
        return self.learned

    @property
    def numbers(self) -> dict[str, Tensor]:
        """The numbers that learn, by the names of the model's parameters."""
        numbers: dict[str, Tensor] = {}
        for name, parts in self.base.groups.items():
            if len(parts) == 1:
                numbers[parts[0]] = self.learned[name]
            else:
                rows = [len(self.base.own[part]) for part in parts]
                numbers |= dict(zip(parts, torch.split(self.learned[name], rows), strict=True))
        return numbers

    def states(self, columns: PieceColumns, batch: Batch | None = None) -> Tensor:
        """[R, M, C] after the last layer. What is kept of the batch is not computed again."""
        network, known = self.base.network, self.base.known_states
        if known is None or batch is None or batch.cards is None:
            return network.read(self.numbers, columns)
        sources = ((batch.rows[row], place) for row, place in columns.sources)
        given = known.of(batch.cards, sources).view(*columns.ids.shape, -1)
        return network.read(self.numbers, columns, given, self.base.first_learned)

    def guess(self, states: Tensor) -> tuple[Tensor, Tensor]:
        """As `Network.guess`."""
        return self.base.network.guess(self.numbers, states)

    @property
    def embedding_vectors(self) -> Tensor:
        """[V, C] a vector for each piece that is read."""
        return self._now(self.base.network.model.get_input_embeddings())

    def _now(self, module: nn.Module) -> Tensor:
        """The matrix of this module, with what learned of it."""
        own = module.weight
        assert isinstance(own, Tensor)
        for name, part in self.base.network.model.named_parameters():
            if part is own:
                now: Tensor = self.numbers.get(name, own)
                return now
        return own

    def parts(self) -> dict[tuple[PartName, int], list[Tensor]]:
        """The tensors that learn, by the part of the model and its layer from 1 (0: of none)."""
        parts: dict[tuple[PartName, int], list[Tensor]] = {}
        start = f"{self.base.network.layers_name}."
        for name, numbers in self.numbers.items():
            key: tuple[PartName, int]
            if "norm" in name or (numbers.ndim < 2 and ".ln" in name):
                key = ("gains", 0)
            elif name.startswith(start):
                place = int(name.removeprefix(start).split(".")[0]) + 1
                key = (_part_of(name.removeprefix(start)), place)
            else:
                key = ("head" if "head" in name or "embed_out" in name else "embedding", 0)
            parts.setdefault(key, []).append(numbers)
        return parts

    def matrices(self) -> dict[tuple[PartName, int], Callable[[], Tensor]]:
        """The matrices of heat maps: of each layer those that read the stream, with the adapter;
        the embedding; the head unless it is the same. Each is made when it is called for: together
        they are a second model in memory."""
        network = self.base.network
        numbers = {**self.base.own, **self.numbers}
        matrices: dict[tuple[PartName, int], Callable[[], Tensor]] = {}
        for place, layer in enumerate(network.layers):
            by_part: dict[PartName, list[tuple[str, nn.Module]]] = {"attention": [], "mlp": []}
            for name, part in matrices_of(layer):
                full = f"{network.layers_name}.{place}.{name}"
                by_part[_part_of(name)].append((full, part))
            for kind, parts in by_part.items():
                reading = parts[:-1] or parts  # the last one writes into the stream
                if reading:
                    matrices[kind, place + 1] = functools.partial(self._joined, reading, numbers)
        embedding = self.embedding_vectors
        matrices["embedding", 0] = lambda: embedding
        head = self._now(network.model.get_output_embeddings())
        if head is not embedding:
            matrices["head", 0] = lambda: head
        return matrices

    def _joined(
        self, parts: Sequence[tuple[str, nn.Module]], numbers: Mapping[str, Tensor]
    ) -> Tensor:
        return torch.cat([self._with_adapter(*named, numbers) for named in parts])

    def _with_adapter(self, name: str, part: nn.Module, numbers: Mapping[str, Tensor]) -> Tensor:
        """The matrix of this name, an output a row, with what its adapter adds to it."""
        down, up = (numbers.get(f"{name}.lora_{letter}.{ADAPTER_NAME}.weight") for letter in "AB")
        if down is None or up is None:
            matrix = numbers[f"{name}.weight"]
            return matrix.T if is_transposed(part) else matrix
        matrix = numbers[f"{name}.base_layer.weight"]
        scaling: Any = self.base.network.model.get_submodule(name)
        added: Tensor = (up @ down) * scaling.scaling[ADAPTER_NAME]
        return added + (matrix.T if is_transposed(part) else matrix)


def _part_of(name: str) -> PartName:
    """The part of a layer that a name within the layer belongs to."""
    return "attention" if "att" in name or ".qkv" in name else "mlp"


class KnownStates:
    """The states of cards below the lowest layer that learns: a card's never change.

    They are computed for a fixed group of cards at a time, so that their bits depend on the deck
    alone, not on which cards were asked together: a resumed run has the same.
    """

    def __init__(self, network: Network, layer: int) -> None:
        self._network = network
        self._layer = layer
        self._states: weakref.WeakKeyDictionary[Encoding, dict[int, Tensor]]
        self._states = weakref.WeakKeyDictionary()
        self._n_bytes = 0

    @torch.no_grad()
    def of(self, cards: Encoding, sources: Iterable[tuple[int, int]]) -> Tensor:
        """[M, C] of these places in rows of the cards; of padding, which nobody sees, any."""
        by_row = self._states.setdefault(cards, {})
        states = []
        for row, place in sources:
            if row not in by_row:
                self._compute(cards, cards.group_of(row), by_row)
            states.append(by_row[row][min(place, cards.lengths[row] - 2)])
        return torch.stack(states)

    def _compute(self, cards: Encoding, group: Sequence[int], by_row: dict[int, Tensor]) -> None:
        ids = cards.ids_of(group)
        columns = in_rows(ids, ids)
        states = self._network.before(columns, self._layer)
        self._n_bytes += states.nbytes
        if self._n_bytes > KNOWN_BYTES:
            for others in self._states.values():
                others.clear()
            self._n_bytes = states.nbytes
        for place, row in enumerate(group):
            by_row[row] = states[place, : cards.lengths[row] - 1].clone()


@dataclass(frozen=True)
class BroughtReading:
    """A batch as a brought model reads it: see `passes.reading_of`."""

    ids: Tensor
    asked_at: Tensor
    batch: Batch | None = None

    def forward(self, weights: BroughtWeights) -> Tensor:
        """Logits [N, V], which have `read_by_head`, what the head read, [N, C]."""
        columns = weights.base.network.columns(self.ids, self.asked_at)
        states = weights.states(columns, self.batch)
        logits, inputs = weights.guess(states.flatten(0, 1)[columns.asked_at])
        setattr(logits, READ_BY_HEAD, inputs)
        return logits


READ_BY_HEAD = "read_by_head"


class CachedNetwork:
    """Reads with these weights and goes on from there, as `piece_by_piece.CachedModel` does."""

    def __init__(self, weights: BroughtWeights, context: int) -> None:
        self._weights = weights
        self._numbers = weights.numbers
        self.context = context
        self.n_read = 0

    @torch.no_grad()
    def read(self, ids: Tensor, *, is_more: bool = False, hidden: Tensor | None = None) -> Tensor:
        """As `CachedModel.read`."""
        network = self._weights.base.network
        if not is_more:
            self._cache = network.new_cache()
            self.n_read = 0
        self.n_read += ids.shape[1]
        is_seen = None if hidden is None else hidden[:, : self.n_read].eq(0).long()
        states = network.read_on(self._numbers, ids, self._cache, is_seen)
        return network.guess(self._numbers, states)[0]

    def take(self, rows: Tensor) -> None:
        """Go on with these sequences [B'] alone; one may be there several times."""
        self._cache.batch_select_indices(rows)


class FlatAdam:
    """AdamW for the numbers of a brought model that learn, in place, all at one rate.
    Used as `Optimizer` is."""

    def __init__(self, flat: Tensor, settings: LearnerSettings) -> None:
        self.settings = settings
        self.orthogonalise = stack_by_stack  # nothing here: one process alone computes such a model
        self._flat = flat
        self._mean = torch.zeros_like(flat)
        self._square = torch.zeros_like(flat)
        self._steps = torch.zeros((), device=flat.device)

    def state(self) -> dict[str, dict[str, Tensor]]:
        return {"adam": {"mean": self._mean, "square": self._square}}

    @property
    def n_steps(self) -> int:
        return int(self._steps.item())

    @n_steps.setter
    def n_steps(self, n_steps: int) -> None:
        self._steps.fill_(float(n_steps))

    @torch.inference_mode()
    def update(self, gradients: Sequence[Tensor], factor: float) -> None:
        """One update by `gradients`, in the order in which the numbers lie."""
        self._steps += 1
        gradient = torch.cat([gradient.flatten() for gradient in gradients])
        of = [[self._flat], [gradient], [self._mean], [self._square], [], [self._steps]]
        rate = self.settings.learning_rate * factor
        decay = self.settings.weight_decay
        torch._fused_adamw_(*of, lr=rate, weight_decay=decay, **ADAMW)


def small_copy(base: Base, n_layers: int, n_pieces: int, numbers: Callable[[int], Tensor]) -> Base:
    """A model of the same kind with the first layers and few pieces; `numbers` gives so many."""
    import transformers

    config = copy.deepcopy(base.network.config)
    of_all, n_layers = base.network.n_layers, min(n_layers, base.network.n_layers)
    config.vocab_size = n_pieces
    config.bos_token_id = config.eos_token_id = config.pad_token_id = None
    for name, value in vars(config).items():
        if isinstance(value, list) and len(value) == of_all:
            setattr(config, name, value[:n_layers])  # what is said of each layer
    config.num_hidden_layers = n_layers
    auto: Any = transformers.AutoModelForCausalLM
    module = auto.from_config(config, attn_implementation="eager")
    network = Network(module)
    settings = msgspec.structs.replace(base.settings, vocabulary=n_pieces, n_adapted_layers=0)
    learned = list(dict(module.named_parameters()))
    if settings.learned == "adapter":
        put_adapter(network, msgspec.structs.replace(settings, adapter=""))
        learned = [name for name, _ in module.named_parameters() if ".lora_" in name]
    for part in module.parameters():
        part.data = numbers(part.numel()).view(part.shape)
    return Base(settings, network, {name: (name,) for name in learned}, "")
