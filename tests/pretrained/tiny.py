"""Tiny random models of many kinds as transformers saves them, with tokenizers of four layouts."""

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
N_GENERAL = 60  # sentences in place of 200 that exams ask besides

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


def _trained(model: Any, trainer: Any, before: Any = None) -> Any:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer(model)
    if before is not None:
        tokenizer.pre_tokenizer = before
    tokenizer.train_from_iterator([READ.rstrip()], trainer)
    return tokenizer


def tokenizer_json(n_pieces: int = 330) -> str:
    """GPT-2's layout: bytes as letters."""
    from tokenizers import decoders, models, pre_tokenizers, trainers

    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=n_pieces, special_tokens=[END], initial_alphabet=alphabet, show_progress=False
    )
    before = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer = _trained(models.BPE(), trainer, before)
    tokenizer.decoder = decoders.ByteLevel()
    text: str = tokenizer.to_str()
    return text


def of_qwen() -> str:
    """Qwen's: text in one form, words by a pattern."""
    from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers

    from flashcards.learner.brought.gguf_folder import WORDS

    tokenizer = Tokenizer.from_str(tokenizer_json())
    tokenizer.normalizer = normalizers.NFC()
    pattern = Regex(WORDS["qwen2"]["pattern"]["Regex"])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(pattern, behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    text: str = tokenizer.to_str()
    return text


def of_llama2() -> str:
    """Llama-2's, that of sentencepiece: a space is a sign, and stands before every text."""
    from tokenizers import (
        AddedToken,
        Tokenizer,
        decoders,
        models,
        normalizers,
        pre_tokenizers,
        processors,
        trainers,
    )

    spaces = pre_tokenizers.Metaspace()
    trainer = trainers.BpeTrainer(vocab_size=70, show_progress=False)
    learned = json.loads(_trained(models.BPE(), trainer, spaces).to_str())["model"]
    texts = ["<unk>", "<s>", END, *(f"<0x{byte:02X}>" for byte in range(256))]
    texts += sorted(learned["vocab"], key=learned["vocab"].__getitem__)
    vocabulary = {text: i for i, text in enumerate(texts)}
    merges = [tuple(merge) for merge in learned["merges"]]
    model = models.BPE(vocabulary, merges, unk_token="<unk>", byte_fallback=True, fuse_unk=True)
    tokenizer = Tokenizer(model)
    tokenizer.add_special_tokens([AddedToken(text, normalized=False) for text in texts[:3]])
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Prepend("\u2581"), normalizers.Replace(" ", "\u2581")]
    )
    tokenizer.decoder = decoders.Sequence(
        [
            decoders.Replace("\u2581", " "),
            decoders.ByteFallback(),
            decoders.Fuse(),
            decoders.Strip(" ", 1, 0),
        ]
    )
    tokenizer.post_processor = processors.TemplateProcessing("<s> $A", special_tokens=[("<s>", 1)])
    text: str = tokenizer.to_str()
    return text


def of_unigram() -> str:
    """Unigram's, with no bytes: a character that was never read has the piece for unknown ones."""
    from tokenizers import decoders, models, pre_tokenizers, trainers

    trainer = trainers.UnigramTrainer(
        vocab_size=120, special_tokens=[END, "<unk>"], unk_token="<unk>", show_progress=False
    )
    tokenizer = _trained(models.Unigram(), trainer, pre_tokenizers.Metaspace())
    tokenizer.decoder = decoders.Metaspace()
    text: str = tokenizer.to_str()
    return text


LAYOUTS = {"gpt2": tokenizer_json, "qwen": of_qwen, "llama2": of_llama2, "unigram": of_unigram}


ALONE = {"sliding_window": 4, "head_dim": 8}

KINDS: dict[str, tuple[str, dict[str, object]]] = {
    "llama": ("LlamaConfig", {}),
    "qwen2": ("Qwen2Config", {}),
    "qwen3": ("Qwen3Config", {"head_dim": 10}),
    "mistral": ("MistralConfig", {"sliding_window": 4}),
    "gemma2": (
        "Gemma2Config",
        {**ALONE, "final_logit_softcapping": 3.0, "attn_logit_softcapping": 5.0},
    ),
    "gemma3": ("Gemma3TextConfig", {**ALONE, "_sliding_window_pattern": 3}),
    "phi3": ("Phi3Config", {}),
    "gpt2": ("GPT2Config", {}),
    "gpt_neox": ("GPTNeoXConfig", {"rotary_pct": 0.5}),
    "olmo2": ("Olmo2Config", {}),
    "smollm3": ("SmolLM3Config", {"no_rope_layer_interval": 3}),
}
"""Each kind that the documentation names: its configuration, and what it has of its own."""

ROTARY = {
    "rope_type": "llama3",
    "rope_theta": 500.0,
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 16,
}


def config_of(kind: str, **changed: object) -> Any:
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
        "tie_word_embeddings": kind != "qwen2",
    }
    if kind == "llama":
        sizes["rope_parameters"] = ROTARY
    if kind in ("gpt2", "gpt_neox"):  # as many heads of keys as of queries, and their own norm
        del sizes["num_key_value_heads"], sizes["rms_norm_eps"]
    name, own = KINDS[kind]
    return getattr(transformers, name)(**{**sizes, **own, **changed})


def made(kind: str, folder: Path, layout: str = "gpt2", **changed: object) -> Any:
    """A random model, saved in the folder with a tokenizer; as transformers has it."""
    transformers: Any = importlib.import_module("transformers")
    torch.manual_seed(5)
    config = config_of(kind, **changed)
    model = transformers.AutoModelForCausalLM.from_config(
        config, attn_implementation="eager"
    ).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            wide = 0.2 * torch.randn(parameter.shape)
            parameter.copy_(1 + wide if "norm" in name or ".ln_" in name else wide)
    model.save_pretrained(folder, max_shard_size="20KB" if kind == "qwen2" else "5GB")
    (folder / "tokenizer.json").write_text(LAYOUTS[layout](), encoding="utf-8")
    return model


def _made(folder: Path, kind: str, layout: str, n_layers: str) -> Path:
    made(kind, folder, layout, num_hidden_layers=int(n_layers))
    return folder


def a_model(kind: str, layout: str = "gpt2", n_layers: int = 3) -> Path:
    return once(_made, kind, layout, str(n_layers))


@functools.cache
def of_transformers(family: str) -> Any:
    transformers: Any = importlib.import_module("transformers")
    return transformers.AutoModelForCausalLM.from_pretrained(
        a_model(family), attn_implementation="eager"
    ).eval()


def as_gguf(
    family: str,
    path: Path,
    kind: str = "F32",
    pre: str = "gpt-2",
    stretched: str = "",
    of: Any = None,
) -> None:
    """As llama.cpp's converter writes it; `stretched`: how positions are, four times as far."""
    import gguf
    import numpy as np

    from flashcards.learner.brought.gguf_folder import gguf_name

    model = of_transformers(family) if of is None else of
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
