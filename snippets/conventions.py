setting = {
    "dtype": "float32",
    "opset": "25",
}
masks = {
    "version": {
        "jax": "0.10.2",
        "keras": "3.15.1",
        "onnx": "1.23.2",
        "x_transformers": "2.31.10",
        "flex": "2.13.0",
    },
    "true_means": {
        "jax": "read",
        "keras": "read",
        "onnx": "read",
        "x_transformers": "read",
        "flex": "read",
    },
    "numbers_are": {
        "jax": "added",
        "keras": "masked",
        "onnx": "added",
        "x_transformers": "added",
        "flex": "added",
    },
    "minus_infinity_is": {
        "jax": "added",
        "keras": "read",
        "onnx": "added",
        "x_transformers": "added",
        "flex": "added",
    },
    "whole_numbers_are": {
        "jax": "refused",
        "keras": "masked",
        "onnx": "added",
        "x_transformers": "refused",
        "flex": "refused",
    },
    "none_true": {
        "jax": "the mean of all values",
        "keras": "the mean of all values",
        "onnx": "0",
        "x_transformers": "0",
        "flex": "0",
    },
    "all_infinite": {
        "jax": "nan",
        "keras": "read",
        "onnx": "0",
        "x_transformers": "nan",
        "flex": "0",
    },
    "aligned": {
        "jax": "top-left",
        "keras": "top-left",
        "onnx": "top-left",
        "x_transformers": "bottom-right",
    },
    "both_count": {"jax": "both", "keras": "both", "onnx": "both", "x_transformers": "both"},
    "heads_share": {
        "jax": "repeat_interleave",
        "onnx": "repeat_interleave",
        "x_transformers": "tile",
        "flex": "repeat_interleave",
    },
}
windows = {
    "local_window_size=(2, 0)": "keys to the left",
    "local_window_size=2": "both sides",
    "left_window_size=2": "keys to the left",
    "past_key": "bottom-right",
}
models = {
    "version": "5.24.0",
    "one_means": {"gpt2": "read", "llama": "read", "opt": "read", "bloom": "read"},
    "true_means": {"gpt2": "read", "llama": "read", "opt": "read", "bloom": "read"},
    "true_means_4d": {"gpt2": "read", "llama": "read", "opt": "refused", "bloom": "refused"},
    "numbers_4d_are": {"gpt2": "added", "llama": "added", "opt": "refused", "bloom": "refused"},
    "left_pads": {"gpt2": "shifted", "llama": "as alone", "opt": "as alone", "bloom": "as alone"},
    "with_positions": {
        "gpt2": "as alone",
        "llama": "as alone",
        "opt": "as alone",
        "bloom": "as alone",
    },
    "rows_of_pads": {"gpt2": "numbers", "llama": "numbers", "opt": "numbers", "bloom": "numbers"},
    "mask_of_new": {"gpt2": "wrong", "llama": "wrong", "opt": "refused", "bloom": "wrong"},
}
