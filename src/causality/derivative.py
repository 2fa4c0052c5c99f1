"""The same question by derivative: does any later token have a gradient at earlier rows? It needs torch."""

from __future__ import annotations

from typing import Any

import numpy as np

from causality import arrays
from causality.answer import Answer, CannotAskError, Verdict
from causality.expected import Expected
from causality.model import Model

BLIND = "a derivative misses what is detached, and a choice; a perturbation misses what rounding swallows"


def derivative(model: Model, expected: Expected, *, T: int = 16) -> Answer:
    """Ask for the gradient of the first n rows, weighted at random, at all tokens: one pass backward a cut.

    Args:
        model: of tensors; token numbers are followed from their embedding on.
        expected: gives the boolean `[T, T]` of who may see whom.
        T: length of the text.
    """
    if model.library != "torch" or model.last_row:
        return Answer("derivative", "", Verdict.OPEN, ("it needs a model of torch tensors that gives all rows",))
    doubled = model.in_float64() or model
    try:
        steep = _gradients(doubled, T)
    except CannotAskError:
        T = min(8, model.length)
        try:
            steep = _gradients(doubled, T)
        except CannotAskError as error:
            return Answer("derivative", "", Verdict.OPEN, (str(error),))
    may = np.stack([expected(T)[:n].any(0) for n in range(1, T + 1)])
    slopes = np.where(may, 0, steep) / max(steep.max(), 1e-300)
    floor = 1e-12 if doubled.dtype == "float64" and doubled.rounding() < 1e-6 else 1e-5
    asked = f"T = {T}, {T} cuts, random cotangents; {doubled.dtype}"
    if not (slopes > floor).any():
        return Answer("derivative", asked, Verdict.RIGHT, (BLIND,))
    n, j = (int(at) for at in np.argwhere(slopes > floor)[0])
    said = f"the first {n + 1} rows have a gradient at token {j}, which they may not see"
    return Answer("derivative", asked, Verdict.WRONG, (said,), (n, j), float(slopes.max()))


def _gradients(model: Model, T: int) -> np.ndarray:
    """Give the largest gradient of the first n rows at each token: `[T, T]`, one row a cut."""
    torch = arrays.torch_module()
    text = model.text(np.random.default_rng(71), T)
    caught: list[Any] = []
    handle = None
    if model.tokens:
        embedding = _embedding(model.source, torch)

        def catch(module: Any, given: Any, output: Any) -> Any:
            caught.append(output.detach().requires_grad_())
            return caught[-1]

        handle = embedding.register_forward_hook(catch)
    try:
        with torch.enable_grad():
            x = model._out(model._axes(text[None]))
            if not model.tokens:
                caught.append(x.requires_grad_())
            given = {model.roles[role]: model._role(role, model._default(role, 1, T)) for role in model.required}
            called = {model.text_parameter: x} if model.text_parameter else {}
            output = (
                model.source(**called, **given, **model.fixed) if called else model.source(x, **given, **model.fixed)
            )
            rows = _tensor(output, torch)
            if not rows.requires_grad:
                raise CannotAskError("its rows have no gradient: it works without one, or detaches everything")
            rows = rows[None] if not model.batched else rows.swapaxes(0, 1) if model.layout.startswith("tb") else rows
            rows = rows.movedim(-1, 1) if model.layout == "bdt" else rows
            weights = torch.randn(rows.shape, dtype=rows.dtype, generator=torch.Generator().manual_seed(72))
            cuts = [(rows[0, :n] * weights[0, :n]).sum() for n in range(1, T + 1)]
            found = [torch.autograd.grad(cut, caught[0], retain_graph=True, allow_unused=True)[0] for cut in cuts]
    except CannotAskError:
        raise
    except Exception as error:
        raise CannotAskError(
            f"no gradient could be taken: {type(error).__name__}: {' '.join(str(error).split())[:120]}; influence does"
            " without one"
        ) from None
    finally:
        if handle is not None:
            handle.remove()
    axes = {"td": 0, "btd": 1, "tbd": 0, "bdt": 2, "t": 0, "bt": 1, "tb": 0}
    by_token = [
        np.zeros(T)
        if one is None
        else np.asarray(one.detach().double().abs().movedim(axes[model.layout], 0)).reshape(T, -1).max(1)
        for one in found
    ]
    return np.stack(by_token)


def _embedding(source: Any, torch: Any) -> Any:
    if not arrays.is_module(source):
        raise CannotAskError("token numbers have no gradient, and a function shows no embedding; pass the module")
    modules = sorted(source.named_modules(), key=lambda pair: "decoder" not in pair[0])  # the text goes to the decoder
    for name, one in modules:
        if isinstance(one, torch.nn.Embedding) and "pos" not in name and not name.endswith("wpe"):
            return one
    raise CannotAskError("it has no nn.Embedding from which a gradient could be followed")


def _tensor(output: Any, torch: Any) -> Any:
    if isinstance(output, torch.Tensor):
        return output
    parts = list(output.values()) if isinstance(output, dict) else list(output)
    named = getattr(output, "logits", None)
    return named if named is not None else next(part for part in parts if isinstance(part, torch.Tensor))
