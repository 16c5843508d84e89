"""A run's model as an ONNX file, which ONNX Runtime and transformers.js run.

Inputs and outputs have the names of Hugging Face's exports, so that the keys and values of earlier
pieces are kept. Opset 18 of onnx.ai/onnx/operators; sizes as in `learner/model.py`.
"""

import math
from typing import Any

import torch
from torch import Tensor

from flashcards.base.extras import how_to_install
from flashcards.base.files import Refused
from flashcards.export.qwen3_names import ExportedModel
from flashcards.learner.model import NORM_EPSILON

OPSET = 18
IR_VERSION = 9
KEPT = ("key", "value")


class _Graph:
    """Operations in the order in which they are added."""

    def __init__(self, onnx: Any) -> None:
        self.onnx = onnx
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def op(self, kind: str, *inputs: str, n: int = 1, name: str = "", **attributes: object) -> Any:
        """The name of its output; of `n` outputs, their names."""
        names = [name or f"{kind}_{len(self.nodes)}_{i}" for i in range(n)]
        self.nodes.append(self.onnx.helper.make_node(kind, inputs, names, **attributes))
        return names[0] if n == 1 else names

    def tensor(self, value: Tensor) -> str:
        name = f"value_{len(self.constants)}"
        self.constants.append(self.onnx.numpy_helper.from_array(value.contiguous().numpy(), name))
        return name

    def ints(self, *values: int) -> str:
        return self.tensor(torch.tensor(values))

    def matmul(self, x: str, weight: Tensor) -> Any:
        return self.op("MatMul", x, self.tensor(weight.mT))

    def norm(self, x: str, gain: Tensor) -> Any:
        square = self.op("ReduceMean", self.op("Mul", x, x), self.ints(-1))
        root = self.op("Sqrt", self.op("Add", square, self.tensor(torch.tensor(NORM_EPSILON))))
        return self.op("Mul", self.op("Div", x, root), self.tensor(gain))

    def turned(self, x: str, cos: str, sin: str) -> Any:
        """Rotary positions, in half-split order."""
        first, second = self.op("Split", x, n=2, axis=-1, num_outputs=2)
        crossed = self.op("Concat", self.op("Neg", second), first, axis=-1)
        return self.op("Add", self.op("Mul", x, cos), self.op("Mul", crossed, sin))


def onnx_of(model: ExportedModel) -> bytes:
    """The file, in 32-bit numbers. Raises Refused: the package is not installed."""
    try:
        import onnx
    except ImportError:
        how = how_to_install("onnx")
        raise Refused(f"an ONNX file needs the package onnx: {how}") from None
    settings = model.settings
    named = model.tensors()
    n_heads = settings.n_heads
    width = model.head_width
    graph = _Graph(onnx)
    cos, sin = _positions(graph, settings.rope_base, width)
    bias = _mask(graph)
    x = graph.op("Gather", graph.tensor(named["model.embed_tokens.weight"]), "input_ids")
    for layer in range(settings.n_layers):
        own = {
            name.removeprefix(f"model.layers.{layer}.").removesuffix(".weight"): tensor
            for name, tensor in named.items()
            if name.startswith(f"model.layers.{layer}.")
        }
        read = graph.norm(x, own["input_layernorm"])
        heads = graph.ints(0, 0, n_heads, width)
        parts = []
        for part in "qkv":
            rows = graph.op("Reshape", graph.matmul(read, own[f"self_attn.{part}_proj"]), heads)
            if part != "v":
                rows = graph.norm(rows, own[f"self_attn.{part}_norm"])
            rows = graph.op("Transpose", rows, perm=[0, 2, 1, 3])
            parts.append(rows if part == "v" else graph.turned(rows, cos, sin))
        query, *cached = parts
        key, value = (
            _with_cached(graph, f"{layer}.{what}", new)
            for what, new in zip(KEPT, cached, strict=True)
        )
        scores = graph.op("MatMul", query, graph.op("Transpose", key, perm=[0, 1, 3, 2]))
        scores = graph.op("Mul", scores, graph.tensor(torch.tensor(1 / math.sqrt(width))))
        weights = graph.op("Softmax", graph.op("Add", scores, bias), axis=-1)
        mixed = graph.op("Transpose", graph.op("MatMul", weights, value), perm=[0, 2, 1, 3])
        mixed = graph.op("Reshape", mixed, graph.ints(0, 0, settings.width))
        x = graph.op("Add", x, graph.matmul(mixed, own["self_attn.o_proj"]))
        read = graph.norm(x, own["post_attention_layernorm"])
        gate, up = (graph.matmul(read, own[f"mlp.{part}_proj"]) for part in ("gate", "up"))
        gate = graph.op("Mul", gate, graph.op("Sigmoid", gate))
        x = graph.op("Add", x, graph.matmul(graph.op("Mul", gate, up), own["mlp.down_proj"]))
    x = graph.norm(x, named["model.norm.weight"])
    graph.op("MatMul", x, graph.tensor(named["lm_head.weight"].mT), name="logits")
    return _file(graph, model)


def _with_cached(graph: _Graph, name: str, new: str) -> Any:
    """Keys or values [B, H, P + T, D] of the pieces before and of the new ones."""
    return graph.op("Concat", f"past_key_values.{name}", new, axis=2, name=f"present.{name}")


def _positions(graph: _Graph, base: float, width: int) -> tuple[str, str]:
    """Cosines and sines [B, 1, T, D] of `position_ids`."""
    exponents = torch.arange(0, width, 2, dtype=torch.float32) / width
    places = graph.op("Cast", "position_ids", to=graph.onnx.TensorProto.FLOAT)
    places = graph.op("Unsqueeze", places, graph.ints(1, 3))
    angles = graph.op("Mul", places, graph.tensor(1.0 / base**exponents))
    angles = graph.op("Concat", angles, angles, axis=-1)
    return graph.op("Cos", angles), graph.op("Sin", angles)


def _mask(graph: _Graph) -> Any:
    """Build what is added to scores [B, H, T, P + T]: nothing where a piece may look, else so
    little that its weight is 0."""
    n_all = graph.op("Shape", "attention_mask", start=1, end=2)
    n_new = graph.op("Shape", "input_ids", start=1, end=2)
    n_all, n_new = (graph.op("Squeeze", n) for n in (n_all, n_new))
    begin, stride = (graph.tensor(torch.tensor(n)) for n in (0, 1))
    places = graph.op("Range", begin, n_all, stride)
    asking = graph.op("Range", graph.op("Sub", n_all, n_new), n_all, stride)
    earlier = graph.op("LessOrEqual", places, graph.op("Unsqueeze", asking, graph.ints(1)))
    attended = graph.op("Cast", "attention_mask", to=graph.onnx.TensorProto.BOOL)
    attended = graph.op("Unsqueeze", attended, graph.ints(1, 2))
    seen = graph.op("And", attended, earlier)
    nothing, little = (graph.tensor(torch.tensor(n)) for n in (0.0, -1e9))
    return graph.op("Where", seen, nothing, little)


def _file(graph: _Graph, model: ExportedModel) -> bytes:
    helper = graph.onnx.helper
    numbers = graph.onnx.TensorProto
    ids = [("input_ids", "T"), ("attention_mask", "P + T"), ("position_ids", "T")]
    inputs = [helper.make_tensor_value_info(name, numbers.INT64, ["B", n]) for name, n in ids]
    outputs = [
        helper.make_tensor_value_info(
            "logits", numbers.FLOAT, ["B", "T", model.tokenizer.n_vocabulary]
        )
    ]
    for layer in range(model.settings.n_layers):
        for what in KEPT:
            for side, name, n in ((inputs, "past_key_values", "P"), (outputs, "present", "P + T")):
                shape = ["B", model.settings.n_heads, n, model.head_width]
                name = f"{name}.{layer}.{what}"
                side.append(helper.make_tensor_value_info(name, numbers.FLOAT, shape))
    proto = helper.make_graph(graph.nodes, "flashcards", inputs, outputs, graph.constants)
    opset = helper.make_opsetid("", OPSET)
    whole = helper.make_model(proto, opset_imports=[opset], ir_version=IR_VERSION)
    graph.onnx.checker.check_model(whole)
    content: bytes = whole.SerializeToString()
    return content
