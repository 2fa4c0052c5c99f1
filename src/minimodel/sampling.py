"""From logits to a token, and from tokens to a text: greedy, by temperature, top-k and top-p.

Each filter takes logits and gives logits, so that they combine in any order; a token that is ruled out gets
`-inf`. All work along the last axis.
"""

from collections.abc import Callable, Sequence

import numpy as np

from minimodel.softmax import softmax

Choice = Callable[[np.ndarray], int]
"""Logits `[V]` to the token that is chosen."""


# --8<-- [start:with_temperature]
def with_temperature(logits: np.ndarray, temperature: float) -> np.ndarray:
    """Divide the logits: below one the likely tokens become likelier still, above one less so.

    Args:
        logits: `[..., V]`, float.
        temperature: a positive number; one changes nothing.

    Returns:
        Logits of the same shape.

    Raises:
        ValueError: the temperature is not positive.

    Source: Hinton et al., 2015, equation 1.

    ```python
    import numpy as np
    from minimodel.sampling import with_temperature

    print(with_temperature(np.array([2.0, 1.0]), 0.5))
    ```

    ```text
    [4. 2.]
    ```
    """
    if not temperature > 0:
        raise ValueError(f"temperature = {temperature}: logits are divided by it; for its limit at 0 use greedy")
    return logits / temperature
    # --8<-- [end:with_temperature]


# --8<-- [start:top_k]
def top_k(logits: np.ndarray, k: int) -> np.ndarray:
    """Rule out all but the k largest logits; of equal ones the first are kept.

    Args:
        logits: `[..., V]`, float.
        k: how many to keep, at least one; more than V keeps all.

    Returns:
        Logits of the same shape, `-inf` for those ruled out.

    Raises:
        ValueError: k is smaller than one.

    Source: Fan et al., 2018, section 5.4.

    ```python
    import numpy as np
    from minimodel.sampling import top_k

    print(top_k(np.array([2.0, 1.0, 4.0, 3.0]), 2))
    ```

    ```text
    [-inf -inf   4.   3.]
    ```
    """
    if k < 1:
        raise ValueError(f"k = {k}: at least one token must be left to say")
    return np.where(rank(logits) < k, logits, -np.inf).astype(logits.dtype)
    # --8<-- [end:top_k]


# --8<-- [start:top_p]
def top_p(logits: np.ndarray, p: float) -> np.ndarray:
    """Keep the fewest tokens whose probabilities reach p together, from the likeliest on.

    Args:
        logits: `[..., V]`, float.
        p: a share of the probability, above zero and at most one; one changes nothing.

    Returns:
        Logits of the same shape, `-inf` for those ruled out. At least one token is kept.

    Raises:
        ValueError: p is not a share.

    Source: Holtzman et al., 2020, equation 2.

    ```python
    import numpy as np
    from minimodel.sampling import top_p

    print(top_p(np.array([2.0, 1.0, 4.0, 3.0]), 0.7))
    ```

    ```text
    [-inf -inf   4.   3.]
    ```
    """
    if not 0 < p <= 1:
        raise ValueError(f"p = {p}: it is a share of the probability, above 0 and at most 1")
    shares = -np.sort(-softmax(logits), axis=-1)  # [..., V] falling
    before = shares.cumsum(axis=-1) - shares  # [..., V] what the likelier ones reach without it
    kept = np.take_along_axis((before < p) | (p == 1), rank(logits), axis=-1)  # [..., V] in the old order
    return np.where(kept, logits, -np.inf).astype(logits.dtype)
    # --8<-- [end:top_p]


# --8<-- [start:rank]
def rank(logits: np.ndarray) -> np.ndarray:
    """Number the logits from the largest, zero, to the smallest; of equal ones the first comes first."""
    ranks: np.ndarray = np.argsort(np.argsort(-logits, axis=-1, kind="stable"), axis=-1)  # [..., V]
    return ranks
    # --8<-- [end:rank]


# --8<-- [start:greedy]
def greedy(logits: np.ndarray) -> int:
    """Choose the likeliest token; of equal ones the first.

    Args:
        logits: `[V]`, float.

    Returns:
        A token.

    Raises:
        ValueError: the logits are not one row, or hold NaN, or rule out every token.

    ```python
    import numpy as np
    from minimodel.sampling import greedy

    print(greedy(np.array([2.0, 1.0, 4.0, 3.0])))
    ```

    ```text
    2
    ```
    """
    check_row(logits)
    return int(logits.argmax())
    # --8<-- [end:greedy]


# --8<-- [start:sampler]
def sampler(temperature: float = 1.0, *, k: int | None = None, p: float | None = None, seed: int = 0) -> Choice:
    """Make a function that draws a token: temperature first, then top-k, then top-p, then the draw.

    Args:
        temperature: a positive number.
        k: how many tokens top-k keeps; all when left out.
        p: the share that top-p keeps; all when left out.
        seed: of the random generator. Two samplers with one seed draw the same tokens from the same logits.

    Returns:
        A function from logits `[V]` to a token. It keeps its random generator from call to call.

    Raises:
        ValueError: a setting is out of range (when called), or the logits are as `greedy` refuses them.

    ```python
    import numpy as np
    from minimodel.sampling import sampler

    choose = sampler(k=1)
    print([choose(np.array([2.0, 1.0, 4.0, 3.0])) for _ in range(3)])
    ```

    ```text
    [2, 2, 2]
    ```
    """
    rng = np.random.default_rng(seed)

    def choose(logits: np.ndarray) -> int:
        check_row(logits)
        logits = with_temperature(logits, temperature)  # [V]
        logits = logits if k is None else top_k(logits, k)  # [V]
        logits = logits if p is None else top_p(logits, p)  # [V]
        return int(rng.choice(len(logits), p=softmax(logits.astype(np.float64))))

    return choose
    # --8<-- [end:sampler]


# --8<-- [start:generate]
def generate(
    next_logits: Callable[[np.ndarray], np.ndarray],
    prompt: Sequence[int] | np.ndarray,
    steps: int,
    choose: Choice = greedy,
    *,
    stop: int | None = None,
) -> np.ndarray:
    """Generate a text: ask for the next logits, choose a token, append it, and ask again.

    Args:
        next_logits: takes all tokens so far `[T]` and gives the logits `[V]` of the one that follows.
        prompt: the tokens to begin with, at least one.
        steps: how many tokens to add at most.
        choose: takes logits and gives a token; `greedy`, or what `sampler` makes.
        stop: the token after which the text ends; none when left out.

    Returns:
        The prompt and the new tokens, integers `[T]`.

    Raises:
        ValueError: the prompt is empty, or the logits are not one row.

    Source: Radford et al., 2019, section 2, for the text as a product of its next tokens.

    ```python
    import numpy as np
    from minimodel.sampling import generate

    def counts_up(tokens):
        return np.eye(10)[(tokens[-1] + 1) % 10]

    print(generate(counts_up, [7], steps=4))
    ```

    ```text
    [7 8 9 0 1]
    ```
    """
    tokens = np.asarray(prompt, dtype=np.int64)  # [T]
    if tokens.ndim != 1 or tokens.size == 0:
        raise ValueError(f"the prompt has shape {tokens.shape}; it is one text of at least one token")
    for _ in range(steps):
        token = choose(next_logits(tokens))
        tokens = np.append(tokens, token)  # [T + 1]
        if token == stop:
            break
    return tokens
    # --8<-- [end:generate]


# --8<-- [start:check_row]
def check_row(logits: np.ndarray) -> None:
    """Refuse what no token can be chosen from, with the likely mistake."""
    if logits.ndim != 1:
        raise ValueError(f"logits have shape {logits.shape}; choose from one row: did you mean logits[-1]?")
    if np.isnan(logits).any():
        raise ValueError("logits hold NaN; was a row of attention fully masked?")
    if not np.isfinite(logits.max(initial=-np.inf)):
        raise ValueError("no logit is finite at the top; did a filter rule out every token?")
    # --8<-- [end:check_row]
