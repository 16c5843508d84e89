"""The names in saved states of runs whose `is_stacked` says so: Llama, Qwen2 and Qwen3 alone.

There the matrices that read the same input were one tensor: queries, keys and values, and gate and
up. Their rows lie one after the other in the flat tensor, so it is the same tensor still.
"""

from collections.abc import Iterator, Mapping

from flashcards.learner.brought.pretrained_settings import PretrainedSettings

PARTS = {
    "attention_norm": ("input_layernorm",),
    "qkv": ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"),
    "output": ("self_attn.o_proj",),
    "mlp_norm": ("post_attention_layernorm",),
    "gate_up": ("mlp.gate_proj", "mlp.up_proj"),
    "down": ("mlp.down_proj",),
    "query_norm": ("self_attn.q_norm",),
    "key_norm": ("self_attn.k_norm",),
}
MATRICES = ("qkv", "output", "gate_up", "down")


def stacked_groups(
    settings: PretrainedSettings, names: Mapping[str, object]
) -> dict[str, tuple[str, ...]]:
    """The parts that learn, as `Base.groups`; `names` are the model's parameters."""
    match settings.learned:
        case "adapter":
            return dict(_of_adapter(settings))
        case "last_layers":
            first = settings.n_layers - min(settings.n_last_layers, settings.n_layers)
            starts = tuple(f"layers.{i}." for i in range(first, settings.n_layers))
            groups = _of_model(settings, names)
            return {k: v for k, v in groups if k.startswith(starts) or k == "final_norm"}
        case "all":
            return dict(_of_model(settings, names))


def _of_adapter(settings: PretrainedSettings) -> Iterator[tuple[str, tuple[str, ...]]]:
    for place in range(settings.n_layers):
        for name in MATRICES:
            stems = [f"model.layers.{place}.{part}.lora" for part in PARTS[name]]
            group = f"layers.{place}.{name}"
            yield f"{group}.reduce", tuple(f"{stem}_A.default.weight" for stem in stems)
            for i, stem in enumerate(stems):
                yield f"{group}.expand.{i}", (f"{stem}_B.default.weight",)


def _of_model(
    settings: PretrainedSettings, names: Mapping[str, object]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield "embedding", ("model.embed_tokens.weight",)
    order = ("attention_norm", "qkv", "output", "mlp_norm", "gate_up", "down")
    for place in range(settings.n_layers):
        for group in (*order, "qkv_bias", "query_norm", "key_norm"):
            kind = "bias" if group.endswith("_bias") else "weight"
            stems = PARTS[group.removesuffix("_bias")]
            parts = tuple(f"model.layers.{place}.{stem}.{kind}" for stem in stems)
            if parts[0] in names:
                yield f"layers.{place}.{group}", parts
    yield "final_norm", ("model.norm.weight",)
    if "lm_head.weight" in names:
        yield "head", ("lm_head.weight",)
