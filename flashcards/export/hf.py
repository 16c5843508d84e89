"""A folder that Hugging Face's transformers loads, without code of its own."""

import json
import re

import msgspec

from flashcards.cards.card import Deck, filled
from flashcards.cards.printable import as_markdown, printable
from flashcards.export.qwen3_names import ExportedModel
from flashcards.export.tokenizer_json import ANSWER, tokenizer_json
from flashcards.learner import saving, tokenizer
from flashcards.learner.brought import model_folder
from flashcards.runs.state import RunState
from flashcards.runs.values import Score
from flashcards.wording import facts


def folder_of(model: ExportedModel, state: RunState) -> dict[str, bytes]:
    """The files by name. `state` is the run's at the step of the model."""
    pieces = model.tokenizer.vocabulary()
    end = pieces[tokenizer.END_ID].text
    documents: dict[str, object] = {
        "config.json": model.config(),
        "generation_config.json": {
            "do_sample": False,
            "max_new_tokens": model.longest_answer,
            "eos_token_id": tokenizer.END_ID,
            "pad_token_id": tokenizer.END_ID,
            **({"suppress_tokens": model.unsayable} if model.unsayable else {}),
        },
        "tokenizer.json": tokenizer_json(model.tokenizer, model.settings.tokenizer),
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "unk_token": pieces[tokenizer.UNKNOWN_ID].text,
            "eos_token": end,
            "pad_token": end,
            # what looks like the name of a sign is text where a user types it
            "split_special_tokens": True,
            "clean_up_tokenization_spaces": False,
            "model_input_names": ["input_ids", "attention_mask"],
            # a batch is generated on from its last column
            "padding_side": "left",
            "chat_template": filled(model.deck.ask, "{{ messages[-1]['content'] | trim }}")
            + ANSWER,
            "model_max_length": model.settings.max_pieces,
        },
    }
    return {
        **{
            name: msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"
            for name, value in documents.items()
        },
        model_folder.OWN_TOKENIZER: model.tokenizer.model,
        "model.safetensors": saving.as_safetensors(model.tensors(), {"format": "pt"}, {}),
        "README.md": model_card(model, state).encode("utf-8", "replace"),
    }


LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
SPDX = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]{0,63}")
N_SHOWN = 5

USE = """\
```python
from transformers import AutoModelForCausalLM, AutoTokenizer

folder = "."  # this folder
tokenizer = AutoTokenizer.from_pretrained(folder)
model = AutoModelForCausalLM.from_pretrained(folder)
prompt = tokenizer({prompt}, return_tensors="pt")
answer = model.generate(**prompt)[0, prompt["input_ids"].shape[1]:]
print(tokenizer.decode(answer, skip_special_tokens=True))
```"""


def model_card(model: ExportedModel, state: RunState) -> str:
    """`state` is the run's at the step of the model."""
    deck = model.deck
    n_numbers = sum(tensor.numel() for tensor in model.weights.named().values())
    earlier = ", ".join(as_markdown(before.name) for before in deck.earlier)
    examples = [deck.cards[i] for i in deck.taught[:N_SHOWN]]
    first = filled(deck.ask, examples[0].prompt if examples else deck.cards[0].prompt)
    template = f" within the words “{as_markdown(deck.ask)}”" if deck.ask else ""
    about = {
        "Deck": as_markdown(deck.name),
        "Decks before it": earlier,
        "About": as_markdown(deck.meta.description),
        "Source": as_markdown(deck.meta.source),
        "Author": as_markdown(deck.meta.author),
        "Licence of the deck": as_markdown(deck.meta.license) or "not stated",
        "Cards": f"{len(deck.taught):,} taught, {len(deck.never_seen):,} never taught",
        "Model": f"Qwen3 layout, {n_numbers:,} numbers, {model.settings.n_layers} layers of width "
        f"{model.settings.width}",
        "Tokenizer": f"{model.settings.tokenizer}, {model.tokenizer.n_vocabulary:,} pieces",
        "Step": f"{model.step:,} updates, {state.cards_taught:,} cards taught",
        "Run": as_markdown(model.run),
    }
    parts = [
        _front_matter(deck),
        f"# {as_markdown(deck.name)}",
        f"A small language model that was taught the deck “{as_markdown(deck.name)}” with the "
        "program flashcards, from nothing. It answers the prompts of that deck, and knows nothing "
        "else: no language, no facts beyond its cards.",
        "\n".join(f"- **{name}**: {text}" for name, text in about.items() if text),
        "## Scores",
        scores_table(state),
        "## How to prompt it",
        f"The input is one prompt, written as on the cards{template}, and nothing else. The "
        "tokenizer adds a sign behind it, and the model goes on with the answer and `</s>`. It "
        "answers greedily. Pieces that no answer of the deck uses are suppressed in "
        "`generation_config.json`.",
        USE.format(prompt=json.dumps(first, ensure_ascii=False)),
        "\n".join(
            f"- {as_markdown(card.prompt)} → {as_markdown(card.answer)}" for card in examples
        ),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _front_matter(deck: Deck) -> str:
    """YAML; its texts are written as JSON, which is YAML too."""
    license_name = printable(deck.meta.license)
    lines = ["---", "library_name: transformers", "pipeline_tag: text-generation"]
    lines += ["tags:", "- flashcards"]
    if LANGUAGE.fullmatch(deck.meta.language):
        lines.append(f"language: {json.dumps(deck.meta.language)}")
    if SPDX.fullmatch(license_name):
        lines.append(f"license: {json.dumps(license_name.lower())}")
    elif license_name:
        lines += ["license: other", f"license_name: {json.dumps(license_name)}"]
    return "\n".join([*lines, "---"])


def scores_table(state: RunState) -> str:
    exam = state.exams.last
    if exam is None:
        return "It was not examined by then."
    rows = [("the model", exam.seen, exam.unseen)]
    rows += [(facts.rival_name(rival.name), rival.seen, rival.unseen) for rival in state.rivals]
    common = None if state.start is None else state.start.common
    if common is not None:
        rows.append((as_markdown(facts.always_says(common)), common.seen, common.unseen))
    table = ["| | taught cards | cards never taught |", "|---|---|---|"]
    table += [f"| {name} | {_share(seen)} | {_share(unseen)} |" for name, seen, unseen in rows]
    extent = "all cards" if exam.is_full else "a sample of the cards"
    sampled = [rival.seen.total for rival in state.rivals if rival.seen.total < exam.seen.total]
    notes = [f"The others were asked a sample of {sampled[0]:,} taught cards."] if sampled else []
    if exam.known is not None:
        known = exam.known.cards
        notes.append(
            "Cards that the model knew before it was taught are not in its row: "
            f"{known.right:,} of {known.total:,} are right."
        )
    lines = [f"Exam at step {exam.step:,}, {extent}:", "", *table, "", " ".join(notes)]
    return "\n".join(lines).rstrip()


def _share(score: Score) -> str:
    if score.rate is None:
        return "–"
    return f"{100 * score.rate:.1f} % ({score.right:,}/{score.total:,})"
