"""The oracle: run a model, and say in words which tokens it sees and should not, or should and does not."""

from collections.abc import Callable

import numpy as np

from minimodel.influence import another_token, influence
from minimodel.masks import causal_allowed


# --8<-- [start:verdict]
def verdict(seen: np.ndarray, expected: np.ndarray) -> list[str]:
    """Put the difference of two influence matrices into words, one sentence a faulty output.

    Args:
        seen: boolean `[T, T]`, what `influence` measured: entry `[i, j]`, output i moved with input j.
        expected: boolean `[T, T]`, what the mask promises.

    Returns:
        Sentences; none where the two matrices are equal.

    Raises:
        ValueError: the shapes differ.

    ```python
    from minimodel.masks import causal_allowed
    from minimodel.oracle import verdict

    for sentence in verdict(causal_allowed(3) | causal_allowed(3, offset=1)[:, :3], causal_allowed(3)):
        print(sentence)
    ```

    ```text
    output 0 sees token 1, which comes later
    output 1 sees token 2, which comes later
    ```
    """
    if seen.shape != expected.shape:
        raise ValueError(f"seen has shape {seen.shape} and expected {expected.shape}; are both [T, T]?")
    sentences = []
    for i in range(len(seen)):
        later = [j for j in range(i + 1, len(seen)) if seen[i, j] and not expected[i, j]]
        blocked = [j for j in range(i + 1) if seen[i, j] and not expected[i, j]]
        missed = np.flatnonzero(expected[i] & ~seen[i]).tolist()
        if later:
            sentences.append(f"output {i} sees {_tokens(later)}, which {_verb(later, 'come')} later")
        if blocked:
            sentences.append(f"output {i} sees {_tokens(blocked)}, which the mask blocks")
        if missed:
            sentences.append(f"output {i} does not see {_tokens(missed)}, which it should")
    return sentences
    # --8<-- [end:verdict]


# --8<-- [start:examine]
def examine(
    f: Callable[[np.ndarray], np.ndarray],
    *,
    T: int = 8,
    d_model: int = 16,
    vocabulary: int | None = None,
    expected: np.ndarray | None = None,
    seed: int = 0,
) -> list[str]:
    """Ask any model who saw what, and compare with what it should see.

    Args:
        f: takes `[T, d_model]`, or token numbers `[T]` where `vocabulary` is given; gives `[T, ...]`.
        T: length of the input.
        d_model: width of a position's vector, drawn from a standard normal distribution.
        vocabulary: number of tokens, for a model that takes token numbers.
        expected: boolean `[T, T]`; the causal mask unless something else is meant.
        seed: of the input's random generator.

    Returns:
        What is wrong, as `verdict` says it; an empty list for a model that sees what it should.

    Raises:
        ValueError: `influence` could not ask: NaN, a random model, an input that moves nothing.

    ```python
    import numpy as np
    from minimodel.oracle import examine

    print(examine(lambda x: np.cumsum(x, axis=0)))
    print(examine(lambda x: x + x[::-1], T=2))
    ```

    ```text
    []
    ['output 0 sees token 1, which comes later']
    ```
    """
    rng = np.random.default_rng(seed)
    expected = causal_allowed(T) if expected is None else expected
    if vocabulary is None:
        return verdict(influence(f, rng.standard_normal((T, d_model))), expected)
    tokens = rng.integers(vocabulary, size=T)  # [T]
    return verdict(influence(f, tokens, change=another_token(vocabulary)), expected)
    # --8<-- [end:examine]


def _tokens(positions: list[int]) -> str:
    return f"token{_plural(positions)} {', '.join(map(str, positions))}"


def _plural(positions: list[int]) -> str:
    return "s" if len(positions) > 1 else ""


def _verb(positions: list[int], verb: str) -> str:
    return verb if len(positions) > 1 else f"{verb}s"
