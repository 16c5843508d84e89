"""Tiny random models of each family, as transformers saves them, and one of them as GGUF."""

import functools
import importlib
import json
from pathlib import Path
from typing import Any

import torch

from tests.once import once

FAMILIES = ("llama", "qwen2", "qwen3")
ASK = "The capital of {prompt} is"
END = "<|end|>"

READ = " ".join(
    3 * ["The capital of France is Paris. Rome and Berlin, Zürich 1998! Ελλάδα, 東京 it's"]
)

PROMPTS = tuple(
    f"{word} {mark}{i * 37}"
    for i, (word, mark) in enumerate(
        (word, mark)
        for word in ("The capital of France", "Zürich", "東京 is", "  two spaces", "don't", "Ελλ\n")
        for mark in ("", ".", "\t", "— ", "'s ", "🙂", "x", "0.5 ", "(")
    )
)[:50]


def tokenizer_json(n_pieces: int = 330) -> str:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=n_pieces, special_tokens=[END], initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator([READ.rstrip()], trainer)
    text: str = tokenizer.to_str()
    return text


def config_of(family: str, **changed: object) -> Any:
    transformers: Any = importlib.import_module("transformers")
    sizes: dict[str, object] = {
        "vocab_size": 336,
        "hidden_size": 24,
        "intermediate_size": 40,
        "num_hidden_layers": 3,
        "num_attention_heads": 6,
        "num_key_value_heads": 2,
        "max_position_embeddings": 128,
        "rms_norm_eps": 1e-5,
        "eos_token_id": 0,
        "bos_token_id": 0,
        "pad_token_id": 0,
    }
    match family:
        case "llama":
            scaling = {
                "rope_type": "llama3",
                "rope_theta": 500.0,
                "factor": 8.0,
                "low_freq_factor": 1.0,
                "high_freq_factor": 4.0,
                "original_max_position_embeddings": 16,
            }
            sizes |= {"rope_parameters": scaling, "tie_word_embeddings": True}
            return transformers.LlamaConfig(**{**sizes, **changed})
        case "qwen2":
            sizes |= {"tie_word_embeddings": False}
            return transformers.Qwen2Config(**{**sizes, **changed})
    sizes |= {"head_dim": 10, "tie_word_embeddings": True}
    return transformers.Qwen3Config(**{**sizes, **changed})


def made(family: str, folder: Path, **changed: object) -> Any:
    """A random model, saved in the folder with a tokenizer; as transformers has it."""
    transformers: Any = importlib.import_module("transformers")
    torch.manual_seed(5)
    kinds = {"llama": "LlamaForCausalLM", "qwen2": "Qwen2ForCausalLM", "qwen3": "Qwen3ForCausalLM"}
    model = getattr(transformers, kinds[family])(config_of(family, **changed)).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            wide = 0.2 * torch.randn(parameter.shape)
            parameter.copy_(1 + wide if "norm" in name else wide)
    model.save_pretrained(folder, max_shard_size="20KB" if family == "qwen2" else "5GB")
    (folder / "tokenizer.json").write_text(tokenizer_json(), encoding="utf-8")
    return model


def _made(folder: Path, family: str) -> Path:
    made(family, folder)
    return folder


def a_model(family: str) -> Path:
    return once(_made, family)


@functools.cache
def of_transformers(family: str) -> Any:
    transformers: Any = importlib.import_module("transformers")
    return transformers.AutoModelForCausalLM.from_pretrained(a_model(family)).eval()


def as_gguf(
    family: str, path: Path, kind: str = "F32", pre: str = "gpt-2", stretched: str = ""
) -> None:
    """As llama.cpp's converter writes it; `stretched`: how positions are, four times as far."""
    import gguf
    import numpy as np

    from flashcards.learner.brought.gguf_reading import gguf_name

    model = of_transformers(family)
    config, file = model.config, json.loads(tokenizer_json())
    writer = gguf.GGUFWriter(path, family)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    if stretched:
        writer.add_rope_scaling_type(gguf.RopeScalingType(stretched))
        writer.add_rope_scaling_factor(4.0)
    if family == "qwen3":
        writer.add_key_length(config.head_dim)
    if family == "llama":
        inverse = model.model.rotary_emb.inv_freq
        width = 2 * len(inverse)
        plain = 500.0 ** -(torch.arange(0, width, 2) / width)
        writer.add_tensor("rope_freqs.weight", (plain / inverse).float().numpy())
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(pre)
    ids = {i: text for text, i in file["model"]["vocab"].items()}
    writer.add_token_list([ids.get(i, f"[unused{i}]") for i in range(config.vocab_size)])
    writer.add_token_types([3 if i == 0 else 1 for i in range(config.vocab_size)])
    writer.add_token_merges([" ".join(pair) for pair in file["model"]["merges"]])
    writer.add_eos_token_id(0)
    quantised = gguf.GGMLQuantizationType[kind]
    for name, tensor in model.state_dict().items():
        if name == "lm_head.weight" and config.tie_word_embeddings:
            continue
        numbers = tensor.float().numpy()
        if family == "llama" and ("q_proj" in name or "k_proj" in name):
            is_query = "q_proj" in name
            n = config.num_attention_heads if is_query else config.num_key_value_heads
            numbers = numbers.reshape(n, 2, -1, numbers.shape[1]).swapaxes(1, 2)
            numbers = numbers.reshape(tensor.shape)
        is_rounded = numbers.ndim == 2 and kind != "F32"
        data = gguf.quants.quantize(numbers, quantised) if is_rounded else numbers
        writer.add_tensor(
            gguf_name(name), np.ascontiguousarray(data), raw_dtype=quantised if is_rounded else None
        )
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
