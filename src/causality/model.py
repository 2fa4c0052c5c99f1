"""A model as the questions see it: texts go in as NumPy arrays, and a row a token comes out."""

from __future__ import annotations

import contextlib
import dataclasses
import inspect
import itertools
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from causality import arrays, hugging_face
from causality.answer import CannotAskError

ROLES = {
    "mask": ("attention_mask", "src_key_padding_mask", "tgt_key_padding_mask", "key_padding_mask", "padding_mask",
             "pad_mask", "mask"),
    "lengths": ("lengths", "seq_lens", "seqlens", "valid_lens"),
    "positions": ("position_ids", "positions", "input_pos", "pos"),
    "start": ("start", "offset", "start_pos", "position_offset"),
    "documents": ("documents", "document_ids", "doc_ids", "segment_ids", "seq_idx"),
    "memory": ("memory", "encoder_hidden_states", "context"),
    "cache": ("cache", "past_key_values", "kv_cache", "past", "layer_past", "cache_params", "state", "mems", "hx"),
    "targets": ("targets", "labels"),
}  # fmt: skip
"""What a parameter is for, by the names that people give it."""

WIDTHS, VOCABULARIES = (16, 8, 32, 64, 4, 128, 256, 512, 768), (48, 16, 8, 2)
LENGTHS = (4, 16, 64, 128)
"""Lengths that are tried where a model does not take the one that was asked for."""

MEMORY = 10
"""Tokens of a memory for cross-attention: another number than any text has."""


@dataclass
class Model:
    """What somebody brought, understood: how it is called, and what its parameters are for.

    Args:
        source: what was brought.
        tokens: it takes token numbers, and not vectors.
        layout: the axes of a batch of vectors: `td`, `btd`, `tbd` or `bdt`; token numbers have no d.
        library: `numpy` or `torch`.
        dtype: of the floats that go in.
        width: of a vector, or the number of tokens in the vocabulary.
        roles: which parameter has which role, see `ROLES`.
        required: the roles that must be filled at every call.
        fixed: arguments that are given at every call.
        text_parameter: the parameter of the text, where it is not the first.
        notes: what was decided on the way, for the report.
    """

    source: Any
    tokens: bool
    layout: str
    library: str
    dtype: str
    width: int
    roles: dict[str, str] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    fixed: dict[str, Any] = field(default_factory=dict)
    text_parameter: str | None = None
    notes: list[str] = field(default_factory=list)
    last_row: bool = False
    length: int = 8
    """A number of tokens that it takes."""

    def __str__(self) -> str:
        shape = self.layout.replace("b", "B, ").replace("t", "T, ").replace("d", f"{self.width}, ").strip(", ")
        what = f"token numbers [{shape}] below {self.width}" if self.tokens else f"vectors [{shape}] in {self.dtype}"
        return f"{self.name}, {self.library}, {what}"

    @property
    def name(self) -> str:
        """What it is called by those who wrote it."""
        return str(getattr(self.source, "__name__", type(self.source).__name__))

    @property
    def batched(self) -> bool:
        """Whether it takes several texts at once."""
        return "b" in self.layout

    def text(self, rng: np.random.Generator, T: int) -> np.ndarray:
        """Draw a text: `[T]` token numbers, or `[T, width]` from a standard normal distribution, in its dtype."""
        if self.tokens:
            return rng.integers(min(4, self.width // 4), self.width, size=T)
        drawn = rng.standard_normal((T, self.width))
        return drawn if self.dtype == "float64" else np.round(drawn * 64) / 64  # exact in each smaller dtype

    def raw(self, texts: np.ndarray, **roles: Any) -> Any:
        """Call it with a batch `[B, T, ...]` (of one, where it takes one text), and give what it gives.

        Raises:
            CannotAskError: the model raised, or wanted to end the program.
        """
        B, T = texts.shape[:2]
        filled = {role: self._default(role, B, T) for role in self.required if role not in roles} | roles
        given = {self.roles[role]: self._role(role, value) for role, value in filled.items()} | self.fixed
        text = self._out(self._axes(texts))
        with _quiet(self.library):
            try:
                if self.text_parameter:
                    return self.source(**{self.text_parameter: text}, **given)
                return self.source(text, **given)
            except CannotAskError:
                raise
            except (Exception, SystemExit) as error:
                raise CannotAskError(f"the model raises at T = {T}: {_one_line(error)}") from error

    def rows(self, texts: np.ndarray, **roles: Any) -> np.ndarray:
        """Give the rows `[B, T, ...]` of a batch; where it takes one text, it is called B times."""
        if self.batched:
            return self.rows_of(self.raw(texts, **roles), *texts.shape[:2])
        return np.concatenate([self.rows_of(self.raw(text[None], **roles), 1, len(text)) for text in texts])

    def __call__(self, text: np.ndarray, **roles: Any) -> np.ndarray:
        """Give the rows `[T, ...]` of one text."""
        rows: np.ndarray = self.rows(text[None], **roles)[0]
        return rows

    def rows_of(self, output: Any, B: int, T: int) -> np.ndarray:
        """Read the rows `[B, T, ...]` from what it gave.

        Raises:
            CannotAskError: there are not T rows.
        """
        found = arrays.rows_in(output)
        if "b" not in self.layout:
            found = found[None]
        elif self.layout.startswith("tb") and found.ndim > 1:
            found = found.swapaxes(0, 1)
        elif self.layout == "bdt" and found.ndim > 2:
            found = np.moveaxis(found, -1, 1)
        if self.last_row:
            return found.reshape(B, 1, -1)
        if found.shape[:2] != (B, T):
            raise CannotAskError(_wrong_shape(found, B, T, self.layout))
        return found

    def other(self, text: np.ndarray, j: int, rng: np.random.Generator) -> np.ndarray:
        """Copy a text, with another token at j."""
        changed = text.copy()
        changed[j] = (changed[j] + rng.integers(1, self.width)) % self.width if self.tokens else self.text(rng, 1)[0]
        return changed

    def in_float64(self) -> Model | None:
        """Give the same module in float64; None for what cannot be changed from outside, or is float64 already."""
        if not arrays.is_module(self.source) or self.dtype == "float64":
            return None
        try:
            doubled = dataclasses.replace(self, source=arrays.copied(self.source).double(), dtype="float64", notes=[])
            doubled(self.text(np.random.default_rng(0), self.length))
        except Exception:
            return None
        return doubled

    def rounding(self) -> float:
        """Measure how far rounding alone moves the outputs, relative to their scale, and leave room above it.

        A module in float64 is asked twice, its weights changed in the last digits: inside, many compute in float32
        whatever they are given, and that shows. For functions the dtype must do.
        """
        if self.dtype != "float64":
            return {"float32": 1e-4}.get(self.dtype, 0.05)
        if not arrays.is_module(self.source):
            single = self(self.text(np.random.default_rng(0), self.length)).dtype.itemsize < 8
            return 1e-4 if single else 1e-9
        torch = arrays.torch_module()
        twin = dataclasses.replace(self, source=arrays.copied(self.source))
        with torch.no_grad():
            for number, weight in enumerate(twin.source.parameters()):
                noise = torch.randn(weight.shape, generator=torch.Generator().manual_seed(number), dtype=torch.float64)
                weight.mul_(1 + 1e-12 * noise.to(weight.device))
        text = self.text(np.random.default_rng(0), self.length)
        return float(np.clip(1e3 * relative(twin(text) - self(text), self(text)), 1e-9, 1e-4))

    def seconds(self, T: int) -> float:
        """Time one call."""
        text = self.text(np.random.default_rng(0), T)
        started = time.perf_counter()
        self(text)
        return time.perf_counter() - started

    def _axes(self, texts: np.ndarray) -> np.ndarray:
        if not self.batched:
            one: np.ndarray = texts[0]
            return one
        if self.layout.startswith("tb"):
            return texts.swapaxes(0, 1)
        return texts.swapaxes(1, 2) if self.layout == "bdt" else texts

    def _out(self, array: np.ndarray) -> Any:
        device = None
        if arrays.is_module(self.source):
            device = next((weight.device for weight in self.source.parameters()), None)
        return arrays.outward(array, self.library, self.dtype, device)

    def _role(self, role: str, value: Any) -> Any:
        """Hand the value of a role over as the parameter wants it."""
        if role in ("cache", "start") or not isinstance(value, np.ndarray):
            return value
        if role == "mask":
            name = self.roles["mask"]
            value = ~value if "key_padding" in name else value
            value = value.astype(np.int64) if name == "attention_mask" else value
        return self._out(value if self.batched else value[0])

    def _default(self, role: str, B: int, T: int) -> Any:
        if role == "memory":
            rng = np.random.default_rng(7)
            return np.stack([self.text(rng, MEMORY)] * B)
        full = {"mask": np.ones((B, T), dtype=bool), "lengths": np.full(B, T), "documents": np.zeros((B, T), dtype=int),
                "positions": np.tile(np.arange(T), (B, 1)), "start": 0, "cache": None,
                "targets": np.zeros((B, T), dtype=int)}  # fmt: skip
        return full[role]


def relative(difference: np.ndarray, outputs: np.ndarray) -> float:
    """Give the largest difference, relative to the largest output; infinite where there is NaN."""
    if np.isnan(difference).any():
        return float("inf")
    scale = np.abs(outputs[np.isfinite(outputs)]).max(initial=0.0)
    return float(np.abs(difference).max(initial=0.0) / scale) if scale else float(np.abs(difference).max(initial=0.0))


def fades(model: Model, T: int = 8) -> bool:
    """Say whether the last output has less of a token the longer it is ago, as with a state or with ALiBi.

    A text of one and the same token is asked, with another one in each place: without positions attention reads it
    alike wherever it stands, and rotary positions turn it this way and that.
    """
    one, other = (model.text(np.random.default_rng(seed), 1) for seed in (35, 36))
    base = model(np.concatenate([one] * T))
    texts = [np.concatenate([*[one] * j, other, *[one] * (T - 1 - j)]) for j in range(T - 1)]
    return bool((np.diff([relative((model(text) - base)[-1], base) for text in texts]) > 0).all())


def settled(base: np.ndarray, again: np.ndarray) -> None:
    """Refuse rows `[B, T, ...]` that hold NaN, or that are others when they are asked for again.

    Raises:
        CannotAskError: nothing can be compared with them.
    """
    bad = ~np.isfinite(base[0].reshape(base.shape[1], -1)).all(1)
    if bad.any():
        where = ", ".join(map(str, np.flatnonzero(bad)[:6]))
        raise CannotAskError(
            f"the model gives NaN or infinity in rows {where}; a row that may read nothing does (see 11 Numbers at the"
            " edge): open its diagonal, or pass a text without pads"
        )
    if not np.array_equal(base, again):
        off = np.abs(base - again).max() / (np.abs(base).max() or 1)
        raise CannotAskError(
            f"the model gives two different results for one text (off by {off:.2g}); is there dropout, a random choice,"
            " or a state that stays? call .eval(), or fix the seed inside"
        )


def understand(
    source: Any,
    *,
    vocabulary: int | None = None,
    width: int | None = None,
    torch: bool = False,
    layout: str | None = None,
    length: int = 8,
    mode: str = "eval",
    cached: bool = False,
    tries: bool = True,
) -> Model:
    """Find out how a model is called: with what, along which axes, in which dtype.

    Args:
        source: a function, an `nn.Module`, or a model of Transformers.
        vocabulary: it takes token numbers below this.
        width: it takes vectors of this width.
        torch: it takes tensors.
        layout: `td`, `btd`, `tbd` or `bdt`, where that is to be said and not found.
        length: of the texts it is tried with.
        mode: `eval` or `train`, for a module.
        cached: its second parameter is a cache, whatever its name.
        tries: where it does not take this length, look for one that it takes, to say so.

    Raises:
        CannotAskError: nothing that was tried gave a row a token.
    """
    if not callable(source):
        raise CannotAskError(f"{type(source).__name__} cannot be called; pass a function or a module")
    torch = torch or arrays.is_module(source)
    if torch:
        arrays.torch_module()
    notes = _set_mode(source, mode)
    roles, required = _parameters(source, cached)
    fixed, text_parameter = hugging_face.arguments(source, roles)
    if text_parameter:
        required = (*required, "memory")
    refusals: list[CannotAskError] = []
    every = ("btd",) if hugging_face.is_model(source) else ("td", "btd", "bdt", "tbd")
    for tokens, size, library, dtype in _kinds(source, vocabulary, width, torch):
        fitting: list[Model] = []
        for axes in (layout,) if layout else every:
            if (len(fitting) > 0 and axes in ("bdt", "tbd")) or (tokens and axes in ("bdt", "tbd")):
                continue
            form = axes.replace("d", "") if tokens else axes
            one = Model(source, tokens, form, library, dtype, size, roles, required, dict(fixed), text_parameter, notes,
                        length=length)  # fmt: skip
            try:
                fitting.append(_tried(one, length))
            except CannotAskError as error:
                refusals.append(error)
        if fitting and tokens and vocabulary is None and not arrays.is_module(source) and not _told_apart(fitting[0]):
            continue  # numbers beyond the vocabulary that are taken for its last one, as JAX does
        if fitting:
            return fitting[0] if len(fitting) == 1 else _one_of(fitting[0], fitting[1], length)
    if not refusals:
        raise CannotAskError("its token numbers cannot be told apart; say how many there are with --vocabulary")
    told = {"vocabulary": vocabulary, "width": width, "torch": torch, "layout": layout, "mode": mode, "cached": cached}
    raised = tries and all(one.__cause__ is not None for one in refusals)
    raise _most_telling(refusals, source, next(_lengths(source, length, told), None) if raised else None)


def _lengths(source: Any, length: int, told: dict[str, Any]) -> Iterator[int]:
    """Find the lengths that a model takes, where it does not take the one that was asked for."""
    for other in LENGTHS:
        with contextlib.suppress(CannotAskError):
            understand(source, length=other, tries=False, **told)
            yield other


def _tried(model: Model, T: int) -> Model:
    """Give the model if it gives a row a token, or its last row; raise otherwise."""
    text = model.text(np.random.default_rng(0), T)
    texts = np.stack([text] * (2 if model.batched else 1))
    output = model.raw(texts)
    try:
        model.rows_of(output, len(texts), T)
        return model
    except CannotAskError:
        found = arrays.rows_in(output)
        if not _is_last_row(found, len(texts), T, model.batched):
            raise
    if "targets" in model.roles:  # as in nanoGPT: all rows only where there are targets
        whole = dataclasses.replace(model, required=(*model.required, "targets"))
        with contextlib.suppress(CannotAskError):
            whole.rows_of(whole.raw(texts), len(texts), T)
            model.notes.append(f"it gives all rows only where it is given {model.roles['targets']}, so it was")
            return whole
    model.notes.append("it gives the last row only, so nothing can be asked about the rows before it")
    return dataclasses.replace(model, last_row=True)


def _told_apart(model: Model) -> bool:
    """Say whether the two highest token numbers are two tokens."""
    last, other = (np.full(model.length, model.width - back) for back in (1, 2))
    return not np.array_equal(model(last), model(other), equal_nan=True)


def _is_last_row(found: np.ndarray, B: int, T: int, batched: bool) -> bool:
    if not batched:
        return found.ndim > 1 and found.shape[0] == 1
    return found.shape[:2] == (B, 1) or (found.ndim == 2 and found.shape[0] == B and T not in found.shape)


def _one_of(single: Model, batch: Model, T: int) -> Model:
    """Choose, where one text and a batch are both taken, the way in which tokens read those before them."""
    a = single.text(np.random.default_rng(0), T)
    if np.allclose(single(a), batch(a), rtol=1e-3, atol=1e-5, equal_nan=True):
        return batch
    ways = [(one, _reads(one, a)) for one in (batch, single)]
    causal = [one for one, reads in ways if np.tril(reads, -1).any() and not np.triu(reads, 1).any()]
    return causal[0] if causal else max(ways, key=lambda way: int(way[1].sum()))[0]


def _reads(model: Model, text: np.ndarray) -> np.ndarray:
    """Give `[T, T]`: which row moves with which other token, in one text and for one change."""
    base, rng = model(text), np.random.default_rng(1)
    changed = [model(model.other(text, j, rng)) != base for j in range(len(text))]
    moved: np.ndarray = np.stack([row.reshape(len(base), -1).any(1) for row in changed], 1)
    moved[np.diag_indices(len(text))] = False
    return moved


def _kinds(source: Any, vocabulary: int | None, width: int | None, torch: bool) -> Iterator[tuple[bool, int, str, str]]:
    """What may go in: token numbers or vectors, how many, of which library and dtype; the likeliest first."""
    kinds = ("torch",) if torch else libraries(source)
    if arrays.is_module(source):
        inferred_vocabulary, inferred_width, dtype = _of_weights(source)
        if vocabulary or inferred_vocabulary:
            yield True, int(vocabulary or inferred_vocabulary or 0), "torch", dtype
        for size in (width,) if width else dict.fromkeys((inferred_width, *WIDTHS)):
            yield False, size, "torch", dtype
        return
    if vocabulary is None:
        for library, size, dtype in itertools.product(kinds, (width,) if width else WIDTHS, ("float64", "float32")):
            if library == "torch" or dtype == "float64":
                yield False, size, library, dtype
    if width is None:
        for library, size in itertools.product(kinds, (vocabulary,) if vocabulary else VOCABULARIES):
            yield True, size, library, "float64"


def _of_weights(module: Any) -> tuple[int | None, int, str]:
    """Read vocabulary, width and dtype from a module's weights."""
    torch = arrays.torch_module()
    config = getattr(module, "config", None)
    embeddings = [(name, one) for name, one in module.named_modules() if isinstance(one, torch.nn.Embedding)]
    of_words = [one for name, one in embeddings if "pos" not in name and not name.endswith("wpe")]
    vocabulary = getattr(config, "vocab_size", None) or (of_words[0].num_embeddings if of_words else None)
    weight = next(module.parameters(), None)
    if weight is None:
        return vocabulary, WIDTHS[0], "float32"
    if any(isinstance(one, torch.nn.parameter.UninitializedParameter) for one in module.parameters()):
        raise CannotAskError(
            f"{type(module).__name__} has lazy weights without a shape; call it once before you pass it"
        )
    if weight.is_meta:
        raise CannotAskError(f"{type(module).__name__} has its weights on the meta device; pass one with numbers in it")
    return vocabulary, weight.shape[1] if weight.ndim > 1 else weight.shape[0], str(weight.dtype).removeprefix("torch.")


def libraries(source: Any) -> tuple[str, ...]:
    """Say whose arrays a function takes, the likelier first: what its own lines name, or else its module."""
    torch = sys.modules.get("torch")
    if torch is None:
        return ("numpy",)
    function = inspect.unwrap(source)
    known = getattr(function, "__globals__", {})
    named = [known[name] for name in getattr(getattr(function, "__code__", None), "co_names", ()) if name in known]

    def of_torch(value: Any) -> bool:
        name = str(getattr(value, "__name__", ""))  # of a module such as torch.nn.functional
        return isinstance(value, torch.Tensor | torch.nn.Module) or name.partition(".")[0] == "torch"

    if any(of_torch(value) for value in named):
        return ("torch", "numpy")
    if any(value is np or isinstance(value, np.ndarray) for value in named):
        return ("numpy", "torch")
    return ("torch", "numpy") if any(of_torch(value) for value in known.values()) else ("numpy", "torch")


def _parameters(source: Any, cached: bool) -> tuple[dict[str, str], tuple[str, ...]]:
    """Tell which parameter has which role, and which roles must be filled."""
    try:
        parameters = list(inspect.signature(getattr(source, "forward", source)).parameters.values())
    except (ValueError, TypeError):
        return {}, ()
    called = getattr(source, "__name__", type(source).__name__)
    if not any(one.kind < one.KEYWORD_ONLY for one in parameters):  # neither by position nor *args
        raise CannotAskError(
            f"{called} takes no text by position; pass a function that gives it by name, as in lambda ids: f(ids=ids)"
        )
    named = [one for one in parameters[1:] if one.kind in (one.POSITIONAL_OR_KEYWORD, one.KEYWORD_ONLY)]
    roles: dict[str, str] = {}
    for role, names in ROLES.items():
        for name in names:
            # A bare `mask` is one of scores as often as one of pads; in x-transformers it is one of pads.
            certain = name != "mask" or type(source).__module__.startswith("x_transformers")
            if role not in roles and certain and name in {one.name for one in named}:
                roles[role] = name
    if cached and named and "cache" not in roles:
        roles["cache"] = named[0].name
    if "src_key_padding_mask" in roles.values() or "tgt_key_padding_mask" in roles.values():
        roles.pop("memory", None)
    by_name = {name: role for role, name in roles.items()}
    bare = [one.name for one in named if one.default is one.empty]
    unknown = [name for name in bare if name not in by_name]
    if unknown and not hugging_face.is_model(source):
        raise CannotAskError(
            f"{called} also needs {', '.join(unknown)}, and it is not clear what that is; pass a function of the text"
            f" alone, as in lambda x: f(x, {unknown[0]}=...)"
        )
    required = tuple(by_name[name] for name in bare if name in by_name)
    if not hugging_face.is_model(source) and "memory" in roles and "memory" not in required:
        del roles["memory"]
    return roles, required


def _set_mode(source: Any, mode: str) -> list[str]:
    if not arrays.is_module(source):
        return []
    dropout = max((getattr(one, "p", 0.0) for one in source.modules() if "Dropout" in type(one).__name__), default=0.0)
    came = source.training
    source.train(mode == "train")
    if came and mode == "eval":
        told = f", where its dropout of {dropout:g} would make it random" if dropout else ""
        return [f'it came in training mode{told}; asked in evaluation mode (mode="train" asks the other)']
    return []


@contextlib.contextmanager
def _quiet(library: str) -> Iterator[None]:
    """Without gradients, and without warnings about numbers that the questions look at themselves."""
    with np.errstate(all="ignore"):
        if library == "torch":
            with arrays.torch_module().no_grad():
                yield
        else:
            yield


def _most_telling(refusals: list[CannotAskError], source: Any, takes: int | None) -> CannotAskError:
    """Of all refusals the one that says most: what came back, before what was raised.

    Args:
        refusals: in the order in which they were tried; for a module, a batch says more than one text.
        source: the model.
        takes: a length that it does take.
    """
    came_back = [one for one in refusals if one.__cause__ is None]
    if came_back:
        return came_back[0]
    if takes is not None:
        said = refusals[1] if arrays.is_module(source) and len(refusals) > 1 else refusals[0]
        return CannotAskError(f"{said}; it takes {takes} tokens: say --length {takes}")
    if hugging_face.is_model(source):
        return CannotAskError(
            f"{refusals[0]}; pass a configuration whose sizes fit, or a function that gives it what else it needs, as"
            " in lambda ids: model(ids, ...).logits"
        )
    tried = (
        "tried with vectors and token numbers, one text and a batch: say --width, --vocabulary or --layout, or wrap it"
    )
    return CannotAskError(f"{refusals[0]}; {tried}")


def _wrong_shape(found: np.ndarray, B: int, T: int, layout: str) -> str:
    if found.ndim < 2:
        return "the model gives one number, such as a loss; pass the function that gives a row a token"
    shape = list(found.shape[1:])
    return f"the model turned {T} tokens into an output of shape {shape}; pass one that gives a row a token"


def _one_line(error: BaseException) -> str:
    said = " ".join(str(error).split())
    return f"{type(error).__name__}{': ' if said else ''}{said[:160]}"
