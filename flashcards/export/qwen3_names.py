"""The model of a saved run as other programs know it: Qwen3's names for its tensors and sizes.

Its weights are the averaged ones, which `ask` and the exams use.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import msgspec
from torch import Tensor

from flashcards.cards.card import Deck
from flashcards.learner import model, reader
from flashcards.learner.brought import model_folder
from flashcards.learner.settings import LearnerSettings
from flashcards.learner.tokenizer import END_ID, Tokenizer
from flashcards.runs.folder import RunError
from flashcards.trainer.again.traveller import learner_at


@dataclass(frozen=True)
class ExportedModel:
    """The model of a run at one step, as it is written."""

    run: str  # the folder's name
    deck: Deck  # the one that was taught at this step
    step: int
    settings: LearnerSettings
    tokenizer: Tokenizer
    weights: model.Weights  # the averaged ones; `head` is what is written of their last matrix
    sayable: tuple[int, ...]  # the pieces that answers use, the end included, in order
    longest_answer: int  # in pieces, with the margin after which an answer is cut

    @cached_property
    def unsayable(self) -> tuple[int, ...]:
        sayable = set(self.sayable)
        return tuple(i for i in range(self.tokenizer.n_vocabulary) if i not in sayable)

    @cached_property
    def head(self) -> Tensor:
        """[V, C] in which the rows of `unsayable` pieces are the mean of the others.
        This program never looks at those rows, which were never taught. Their logit is then the
        mean of the others, so that none of them is ever the largest."""
        head = self.weights.head.clone()
        head[list(self.unsayable)] = head[list(self.sayable)].mean(0)
        return head

    @property
    def head_width(self) -> int:
        return self.settings.width // self.settings.n_heads

    def tensors(self) -> dict[str, Tensor]:
        """The weights, float32, under the names of transformers' Qwen3ForCausalLM."""
        named = {**model.as_qwen3(self.weights), "lm_head.weight": self.head}
        return {name: tensor.contiguous() for name, tensor in named.items()}

    def config(self) -> dict[str, object]:
        """Return the configuration for transformers' Qwen3Config, of version 4 and of version 5.
        Each of the two reads another of the names of the rotary base and of the number format, and
        takes its default, silently, where its own is missing."""
        settings = self.settings
        rotary = {"rope_type": "default", "rope_theta": settings.rope_base}
        return {
            "architectures": ["Qwen3ForCausalLM"],
            "model_type": "qwen3",
            "vocab_size": self.tokenizer.n_vocabulary,
            "hidden_size": settings.width,
            "intermediate_size": settings.hidden,
            "num_hidden_layers": settings.n_layers,
            "num_attention_heads": settings.n_heads,
            "num_key_value_heads": settings.n_heads,
            "head_dim": self.head_width,
            "hidden_act": "silu",
            "max_position_embeddings": settings.max_pieces,
            "rms_norm_eps": model.NORM_EPSILON,
            "rope_parameters": rotary,
            "rope_theta": settings.rope_base,
            "attention_bias": False,
            "attention_dropout": 0.0,
            "use_sliding_window": False,
            "tie_word_embeddings": False,
            "bos_token_id": None,
            "eos_token_id": END_ID,
            "pad_token_id": END_ID,
            "dtype": "float32",
            "torch_dtype": "float32",
            model_folder.OWN: msgspec.structs.asdict(settings),
        }


def open_model(
    path: Path, step: int | None = None, on_step: Callable[[int, int], None] = lambda *_: None
) -> ExportedModel:
    """The model of a run at this step, trained again to it if no state of it was kept; None is the
    newest. `on_step`: how many updates of how many were made again.
    Raises LessonError: the run can't be used, or the step can't be trained again.
    Raises RunError: it has read a text, and answers no cards."""
    training = learner_at(path, step, on_step)
    deck = training.deck
    learner = training.learner
    if why := deck.why_not("export", path.resolve().name):
        raise RunError(why)
    anatomy = learner.anatomy
    tokenizer = anatomy.tokenizer
    settings = learner.settings
    return ExportedModel(
        run=path.resolve().name,
        deck=deck,
        step=learner.step,
        settings=settings,
        tokenizer=tokenizer,
        weights=model.views(learner.weights_now().averaged, settings, tokenizer.n_vocabulary),
        sayable=tuple(anatomy.encoding.sayable),
        longest_answer=anatomy.encoding.longest_answer + reader.DECODING_MARGIN,
    )
