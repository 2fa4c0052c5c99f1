"""Models of Transformers: tiny ones by the name of their class, their own arguments, and their caches."""

from __future__ import annotations

import copy
import inspect
import sys
from typing import Any

from causality.answer import CannotAskError

TINY = {
    "hidden_size": 32, "n_embd": 32, "d_model": 32, "num_hidden_layers": 2, "n_layer": 2, "num_layers": 2,
    "num_decoder_layers": 2, "num_attention_heads": 4, "n_head": 4, "num_heads": 4, "num_key_value_heads": 2,
    "head_dim": 8, "d_kv": 8, "intermediate_size": 64, "d_ff": 64, "ffn_dim": 64, "vocab_size": 99, "state_size": 4,
    "n_positions": 512, "max_position_embeddings": 512, "sliding_window": 6, "num_local_experts": 4, "num_experts": 4,
    "query_pre_attn_scalar": 8, "moe_intermediate_size": 32, "time_step_rank": 4,
    "chunk_size": 8, "mamba_chunk_size": 8, "num_experts_per_tok": 2, "attn_layer_period": 2, "attn_layer_offset": 1,
    "encoder_layers": 2, "decoder_layers": 2, "encoder_attention_heads": 4, "decoder_attention_heads": 4,
    "rotary_dim": 4, "qk_rope_head_dim": 8, "qk_nope_head_dim": 8, "v_head_dim": 8, "q_lora_rank": 16,
    "kv_lora_rank": 16, "encoder_ffn_dim": 64, "decoder_ffn_dim": 64, "n_groups": 2,
}  # fmt: skip
"""Sizes of a tiny model, for whichever of these names a configuration has."""

GENERATES = ("ForCausalLM", "LMHeadModel")
"""How the names of classes end that predict the next token."""

ENCODERS = ("bert", "roberta", "distilbert", "electra", "albert", "deberta", "deberta-v2", "modernbert", "xlm-roberta")
"""Kinds of model in which everything is read."""


def is_model(source: Any) -> bool:
    """Say whether this is a model of Transformers, without importing it where nobody has."""
    library = sys.modules.get("transformers")
    return library is not None and isinstance(source, library.PreTrainedModel)


def arguments(source: Any, roles: dict[str, str]) -> tuple[dict[str, Any], str | None]:
    """Give what such a model is always called with, and the parameter of the text where there is an encoder."""
    if not is_model(source):
        return {}, None
    known = inspect.signature(source.forward).parameters
    text = getattr(source, "main_input_name", "input_ids")
    if text not in ("input_ids", "inputs_embeds"):
        instead = (
            f"tokens alone, as in lambda ids: model({text}=..., decoder_input_ids=ids).logits"
            if "decoder_input_ids" in known
            else "vectors [T, d] or [B, T, d], such as its encoder"
        )
        raise CannotAskError(f"{type(source).__name__} reads {text}, which are no tokens; pass a function of {instead}")
    fixed = {"use_cache": False} if "use_cache" in known else {}
    roles.pop("memory", None)
    if source.config.is_encoder_decoder:
        roles["memory"] = "input_ids"
        roles.pop("mask", None)
        return fixed, "decoder_input_ids"
    return fixed, None


def named(name: str) -> Any:
    """Make a tiny random model from the name of a class or of its configuration, such as `GPT2LMHeadModel`.

    Raises:
        CannotAskError: Transformers is not installed, or knows no such class, or cannot make it tiny.
    """
    try:
        import transformers
    except ImportError:
        raise CannotAskError(f"{name} would be a class of Transformers, which is not installed here") from None
    transformers.logging.set_verbosity_error()
    found = getattr(transformers, name, None)
    if not isinstance(found, type) or not issubclass(
        found, transformers.PreTrainedModel | transformers.PreTrainedConfig
    ):
        raise CannotAskError(
            f"Transformers {transformers.__version__} has no model {name}; write module:name for one of your own"
        )
    return made(found)


def made(found: Any) -> Any:
    """Make a random model: from a configuration as it is, from a class a tiny one. Give anything else back.

    Raises:
        CannotAskError: it cannot be made.
    """
    library: Any = sys.modules.get("transformers")
    if library is None:
        return found
    a_class = isinstance(found, type) and issubclass(found, library.PreTrainedModel | library.PreTrainedConfig)
    if not a_class and not isinstance(found, library.PreTrainedConfig):
        return found
    name = found.__name__ if a_class else type(found).__name__
    torch: Any = sys.modules["torch"]
    try:
        of_class = getattr(found, "config_class", None)
        config = _tiny(of_class or found) if a_class else found
        if a_class and _reads_everything(name, config):
            config.is_decoder = True  # such a class can be either, and its name says which is meant
        kinds = (library.MODEL_FOR_CAUSAL_LM_MAPPING, library.MODEL_MAPPING)
        model = found if of_class and a_class else next(kind[type(config)] for kind in kinds if type(config) in kind)
        with torch.random.fork_rng():
            torch.manual_seed(0)
            return model(config).eval()
    except Exception as error:
        said = f"{type(error).__name__}: {' '.join(str(error).split())[:160]}"
        instead = "pass a small configuration of your own, or a model" if a_class else "pass the model itself"
        raise CannotAskError(
            f"a {'tiny ' if a_class else ''}model of {name} could not be made: {said}; {instead}, as module:name"
        ) from None


def _tiny(config: Any) -> Any:
    """Make a configuration with small sizes, and one layer of each kind where there are kinds."""
    standard = config()
    sizes: dict[str, Any] = {
        key: size
        for key, size in TINY.items()
        if isinstance(getattr(standard, key, None), int) and not isinstance(getattr(config, key, None), property)
    }
    for key, value in standard.to_dict().items():
        if key.endswith("_token_id") and isinstance(value, int) and value >= TINY["vocab_size"]:
            sizes[key] = 0
    if "state_size" in sizes and {"num_heads", "head_dim"} <= sizes.keys():  # Mamba 2: its heads share what expands
        sizes["head_dim"] = standard.expand * TINY["hidden_size"] // TINY["num_heads"]
    if "kv_lora_rank" in sizes:  # latent keys and values have no groups
        sizes["num_key_value_heads"] = TINY["num_attention_heads"]
    if blocks := getattr(standard, "block_types", None):
        sizes["num_hidden_layers"] = len(blocks)
    for key in ("layer_types", "layers_block_type", "mlp_layer_types"):
        layers = list(dict.fromkeys(getattr(standard, key, None) or ()))
        if layers and key in standard.to_dict():
            sizes |= {key: layers, "num_hidden_layers": max(len(layers), sizes.get("num_hidden_layers", 0))}
    for key, kinds in sizes.items():
        if isinstance(kinds, list):
            sizes[key] = kinds + kinds[-1:] * (sizes["num_hidden_layers"] - len(kinds))
    return config(**sizes)


def promised(source: Any) -> str:
    """Read from a configuration what its model should see: everything, a triangle, or a window through layers."""
    config = source.config
    if config.model_type in ENCODERS and not getattr(config, "is_decoder", False):
        return "full"
    window = getattr(config, "sliding_window", None)
    if not window or getattr(config, "use_sliding_window", True) is False:
        return "causal"
    kinds = getattr(config, "layer_types", None) or ["sliding_attention"] * config.num_hidden_layers
    if any(kind != "sliding_attention" for kind in kinds):
        return "causal"
    return f"window:{window},layers:{len(kinds)}"


def notes(source: Any) -> list[str]:
    """Say what of a configuration is worth knowing before its model is blamed."""
    told = "its configuration says is_decoder=False, with which it reads everything; set is_decoder=True to generate"
    return [told] if _reads_everything(type(source).__name__, source.config) else []


def _reads_everything(name: str, config: Any) -> bool:
    """Whether a class that is made to generate is configured as an encoder."""
    return name.endswith(GENERATES) and getattr(config, "is_decoder", None) is False


def crop(cache: Any, n: int) -> Any:
    """Take the last n tokens from a cache of Transformers; None where it cannot be done."""
    cropped = copy.deepcopy(cache)
    try:
        if getattr(cropped, "is_croppable", True) is False:
            return None
        cropped.crop(-n)  # less than nothing: so many from the end
    except Exception:
        return None
    return cropped if cropped.get_seq_length() == cache.get_seq_length() - n else None


def recording(source: Any) -> Any:
    """Make a cache that keeps what a rollback will need; None where the model must make its own."""
    if source.config.is_encoder_decoder:
        return None
    try:
        made = sys.modules["transformers"].DynamicCache(config=source.config)
        made.activate_past_recording()
    except Exception:
        return None
    return made


def static(source: Any, slots: int) -> Any:
    """Make a cache of so many slots, set aside beforehand.

    Raises:
        CannotAskError: the model cannot use one.
    """
    library, config = sys.modules["transformers"], source.config
    try:
        own = library.StaticCache(config=config, max_cache_len=slots)
        return library.EncoderDecoderCache(own, library.DynamicCache()) if config.is_encoder_decoder else own
    except Exception as error:
        raise CannotAskError(f"it has no static cache: {type(error).__name__}") from None
