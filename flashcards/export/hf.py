"""A folder that Hugging Face's transformers loads, without code of its own."""

from __future__ import annotations

import msgspec

from flashcards.export.model import TrainedModel
from flashcards.export.model_card import model_card
from flashcards.export.tokenizer_json import tokenizer_json
from flashcards.learner.saving import as_safetensors
from flashcards.learner.tokenizer import END_ID, UNKNOWN_ID
from flashcards.runs.state import RunState


def folder_of(model: TrainedModel, state: RunState) -> dict[str, bytes]:
    """The files by name. `state` is the run's at the step of the model."""
    pieces = model.tokenizer.vocabulary()
    end = pieces[END_ID].text
    documents: dict[str, object] = {
        "config.json": model.config(),
        "generation_config.json": {
            "do_sample": False,
            "max_new_tokens": model.longest_answer,
            "eos_token_id": END_ID,
            "pad_token_id": END_ID,
            **({"suppress_tokens": model.unsayable} if model.unsayable else {}),
        },
        "tokenizer.json": tokenizer_json(model.tokenizer, model.settings.tokenizer),
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "unk_token": pieces[UNKNOWN_ID].text,
            "eos_token": end,
            "pad_token": end,
            # what looks like the name of a sign is text where a user types it
            "split_special_tokens": True,
            "clean_up_tokenization_spaces": False,
            "model_input_names": ["input_ids", "attention_mask"],
            "model_max_length": model.settings.max_pieces,
        },
    }
    return {
        **{
            name: msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"
            for name, value in documents.items()
        },
        "model.safetensors": as_safetensors(model.tensors(), {"format": "pt"}, {}),
        "README.md": model_card(model, state).encode("utf-8", "replace"),
    }
