"""A GGUF file, which llama.cpp and the programs built on it run."""

import base64
import importlib
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
from torch import Tensor

from flashcards.base.extras import how_to_install
from flashcards.base.files import Refused
from flashcards.cards.card import filled
from flashcards.export.qwen3_names import ExportedModel
from flashcards.learner.brought.gguf_folder import OWN_VALUES, gguf_name
from flashcards.learner.tokenizer import ANSWER_ID, END_ID, FILLER_ID, UNKNOWN_ID

SYSTEM_IS_READ = "{% set unused = messages[0]['content'] %}"
"""llama.cpp puts the system's message before the user's where a template does not look at it
(common/jinja/caps.cpp), and the model would be asked both."""

READABLE = ("char", "bpe")
"""Tokenizers that llama.cpp has, too. In a trial 57 of 70 answers were the same with
unigram, and 23 of 354 with word."""


def library() -> ModuleType:
    """The package `gguf`. Raises Refused: it is not installed."""
    try:
        return importlib.import_module("gguf")
    except ImportError:
        text = f"a GGUF file needs the package gguf: {how_to_install('gguf')}"
        raise Refused(text) from None


def gguf_of(model: ExportedModel) -> bytes:
    """The file, in 32-bit numbers.
    Raises Refused: llama.cpp has no such tokenizer, or the package is not installed."""
    settings = model.settings
    if settings.tokenizer not in READABLE:
        why = f"cuts text with a {settings.tokenizer} tokenizer, which llama.cpp does not have"
        hint = "it would read other pieces; --to hf exports this run"
        raise Refused(f"{model.run} {why}: {hint}")
    gguf = library()

    def describe(writer: Any) -> None:
        writer.add_name(model.deck.name)
        if model.deck.meta.license:
            writer.add_license(model.deck.meta.license)
        if n := settings.filled_to:
            writer.add_description(
                f"A prompt of fewer than {n} characters is filled up with <unk>, before <answer>. "
                "The chat template does it, for characters that the deck teaches."
            )
        own = (
            msgspec.json.encode(msgspec.structs.asdict(settings)),
            base64.b64encode(model.tokenizer.model),
        )
        for name, value in zip(OWN_VALUES, own, strict=True):
            writer.add_string(name, value.decode())
        _add_tokenizer(writer, gguf.TokenType, model)

    return written(model.config(), model.tensors(), describe)


def written(
    config: Mapping[str, Any], tensors: Mapping[str, Tensor], describe: Callable[[Any], None]
) -> bytes:
    """The model of this config.json and these tensors, in 32-bit numbers; `describe` adds the rest.
    Raises Refused: the package is not installed."""
    gguf = library()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.gguf"
        writer = gguf.GGUFWriter(path, config["model_type"])
        writer.add_file_type(gguf.LlamaFileType.ALL_F32)
        writer.add_vocab_size(config["vocab_size"])
        writer.add_context_length(config["max_position_embeddings"])
        writer.add_embedding_length(config["hidden_size"])
        writer.add_block_count(config["num_hidden_layers"])
        writer.add_feed_forward_length(config["intermediate_size"])
        writer.add_head_count(config["num_attention_heads"])
        writer.add_head_count_kv(config["num_key_value_heads"])
        writer.add_key_length(config["head_dim"])
        writer.add_value_length(config["head_dim"])
        writer.add_rope_dimension_count(config["head_dim"])
        writer.add_rope_freq_base(config["rope_theta"])
        writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
        describe(writer)
        for name, tensor in tensors.items():
            writer.add_tensor(gguf_name(name), tensor.numpy())
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        return path.read_bytes()


def _add_tokenizer(writer: Any, types: Any, model: ExportedModel) -> None:
    """llama.cpp's "llama" tokenizer is that of sentencepiece: the best score is merged first."""
    pieces = model.tokenizer.vocabulary()
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_list([piece.text for piece in pieces])
    writer.add_token_scores([piece.score for piece in pieces])
    writer.add_token_types([getattr(types, piece.kind.upper()) for piece in pieces])
    writer.add_unk_token_id(UNKNOWN_ID)
    writer.add_eos_token_id(END_ID)
    writer.add_pad_token_id(END_ID)
    writer.add_add_bos_token(False)
    writer.add_add_eos_token(False)
    writer.add_add_space_prefix(False)
    prompt = "messages[-1]['content']|trim"
    answer = pieces[ANSWER_ID].text
    if n := model.tokenizer.filled_to:
        # llama.cpp counts the bytes of a text
        letters = [piece.text for piece in pieces if len(piece.text) == 1 and piece.text > "\x7f"]
        length = "|".join([prompt, *(f"replace('{letter}', '_')" for letter in letters), "length"])
        n_left = n - len(filled(model.deck.ask, ""))
        filler = pieces[FILLER_ID].text
        answer = f"{{% for _ in range({n_left} - {length}) %}}{filler}{{% endfor %}}{answer}"
    question = filled(model.deck.ask, f"{{{{ {prompt} }}}}")
    writer.add_chat_template(f"{SYSTEM_IS_READ}{question}{answer}")
