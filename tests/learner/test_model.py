"""The model is Qwen3's decoder: transformers computes the same logits from the same weights."""

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from flashcards.learner.model import NORM_EPSILON, Rotary, Weights, new_weights, views
from flashcards.learner.passes import forward, reading_of
from flashcards.learner.settings import LearnerSettings

V = 50


def random_weights(settings: LearnerSettings) -> Weights:
    """Weights of which none is at its simple first value, gains included."""
    flat = new_weights(settings, V, seed=3)
    flat += 0.1 * torch.randn(len(flat), generator=torch.Generator().manual_seed(4))
    return views(flat, settings, V)


def qwen3_names(weights: Weights) -> dict[str, Tensor]:
    """The same numbers under the names of transformers' Qwen3ForCausalLM."""
    state = {
        "model.embed_tokens.weight": weights.embedding,
        "model.norm.weight": weights.final_norm,
        "lm_head.weight": weights.head,
    }
    for i in range(len(weights.attention)):
        layer = f"model.layers.{i}."
        query, key, value, output = weights.attention[i]
        gate, up, down = weights.mlp[i]
        state |= {
            f"{layer}input_layernorm.weight": weights.attention_norm[i],
            f"{layer}self_attn.q_proj.weight": query,
            f"{layer}self_attn.k_proj.weight": key,
            f"{layer}self_attn.v_proj.weight": value,
            f"{layer}self_attn.o_proj.weight": output,
            f"{layer}self_attn.q_norm.weight": weights.query_key_norm[i, 0],
            f"{layer}self_attn.k_norm.weight": weights.query_key_norm[i, 1],
            f"{layer}post_attention_layernorm.weight": weights.mlp_norm[i],
            f"{layer}mlp.gate_proj.weight": gate,
            f"{layer}mlp.up_proj.weight": up,
            f"{layer}mlp.down_proj.weight": down.mT,
        }
    return {name: tensor.contiguous() for name, tensor in state.items()}


def test_an_untrained_layer_leaves_the_stream_as_it_is() -> None:
    settings = LearnerSettings(n_layers=2)
    weights = views(new_weights(settings, V, seed=3), settings, V)
    ids = torch.arange(V)[None]
    everywhere, rotary = torch.arange(V), Rotary(settings, "cpu")
    logits = forward(weights, reading_of(ids, everywhere, everywhere, rotary, settings))
    alone = functional.rms_norm(weights.embedding, (settings.width,), eps=NORM_EPSILON)
    assert (logits - alone @ weights.head.mT).abs().max() < 1e-6


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("n_layers", [1, 4])
@pytest.mark.slow
def test_the_logits_equal_those_of_transformers(n_layers: int) -> None:
    transformers = pytest.importorskip("transformers")
    settings = LearnerSettings(n_layers=n_layers)
    weights = random_weights(settings)
    config = transformers.Qwen3Config(
        vocab_size=V,
        hidden_size=settings.width,
        intermediate_size=settings.hidden,
        num_hidden_layers=n_layers,
        num_attention_heads=settings.n_heads,
        num_key_value_heads=settings.n_heads,
        head_dim=settings.width // settings.n_heads,
        rms_norm_eps=NORM_EPSILON,
        rope_theta=settings.rope_base,
        rope_parameters={"rope_type": "default", "rope_theta": settings.rope_base},
        tie_word_embeddings=False,
        attention_bias=False,
    )
    model = transformers.Qwen3ForCausalLM(config).float().eval()
    keys = model.load_state_dict(qwen3_names(weights), strict=False)
    assert not keys.missing_keys
    assert not keys.unexpected_keys
    ids = torch.randint(V, (3, 17), generator=torch.Generator().manual_seed(5))
    with torch.no_grad():
        theirs = model(ids).logits.flatten(0, 1)
        everywhere, everything = torch.arange(ids.numel()), torch.arange(V)
        rotary = Rotary(settings, "cpu")
        ours = forward(weights, reading_of(ids, everywhere, everything, rotary, settings))
    assert theirs.abs().max() > 1
    assert (ours - theirs).abs().max() < 1e-5
