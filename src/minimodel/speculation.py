"""Speculative decoding: a draft guesses several tokens, the target verifies them in one pass.

The rule that accepts or rejects a guess keeps the distribution of the target, whatever the draft is, as long as
each guess was drawn from the distribution that the rule is told. `outcomes` shows that without sampling: it
follows every path that the draws of a procedure can take, and adds up their probabilities.
"""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from minimodel.cache import KVCache, attend_cached, tokens_seen
from minimodel.gpt import GPTWeights, layer_norm, pre_norm_block
from minimodel.predicates import tree

Draw = Callable[[np.ndarray], int]
"""Probabilities `[V]` to the index that is drawn."""


# --8<-- [start:drawer]
def drawer(seed: int = 0) -> Draw:
    """Make a function that draws an index from probabilities. It keeps its random generator from call to call.

    ```python
    import numpy as np
    from minimodel.speculation import drawer

    draw = drawer(seed=0)
    print([draw(np.array([0.0, 1.0, 0.0])) for _ in range(3)])
    ```

    ```text
    [1, 1, 1]
    ```
    """
    rng = np.random.default_rng(seed)
    return lambda probabilities: int(rng.choice(len(probabilities), p=probabilities))
    # --8<-- [end:drawer]


# --8<-- [start:residual]
def residual(p: np.ndarray, q: np.ndarray) -> np.ndarray:
    """Make max(0, p - q) sum to one: what is left to say once a guess was rejected.

    Args:
        p: `[V]`, probabilities of the target.
        q: `[V]`, probabilities that the guess was drawn from.

    Returns:
        Probabilities `[V]`. Where p and q are equal nothing is ever rejected, and p is returned.

    Source: Leviathan et al., 2023, section 2.3.

    ```python
    import numpy as np
    from minimodel.speculation import residual

    print(residual(np.array([0.5, 0.3, 0.2]), np.array([0.2, 0.5, 0.3])))
    ```

    ```text
    [1. 0. 0.]
    ```
    """
    left = np.maximum(p - q, 0)  # [V]
    return left / left.sum() if left.any() else p
    # --8<-- [end:residual]


# --8<-- [start:accepts]
def accepts(token: int, p: np.ndarray, q: np.ndarray, draw: Draw) -> bool:
    """Accept a guess with probability min(1, p / q), by one draw.

    Raises:
        ValueError: the guess has no probability under q, so it was not drawn from it.

    Source: Leviathan et al., 2023, section 2.3.
    """
    if not q[token] > 0:
        raise ValueError(f"token {token} has probability {q[token]} under q: was it drawn from another distribution?")
    chance = min(1.0, p[token] / q[token])
    return draw(np.array([1 - chance, chance])) == 1
    # --8<-- [end:accepts]


# --8<-- [start:verify]
def verify(guesses: np.ndarray, q: np.ndarray, p: np.ndarray, draw: Draw) -> np.ndarray:
    """Accept guesses up to the first that is rejected, and add one token of the target's own.

    Args:
        guesses: integers `[n]`, each drawn from its row of q.
        q: `[n, V]`, the draft's probabilities.
        p: `[n + 1, V]`, the target's after the text and after each guess, from one pass.
        draw: draws an index from probabilities.

    Returns:
        Integers `[m]` with 1 <= m <= n + 1: the accepted guesses, and one token more.

    Raises:
        ValueError: the shapes do not fit, or a guess was not drawn from q.

    Source: Leviathan et al., 2023, algorithm 1.

    ```python
    import numpy as np
    from minimodel.speculation import drawer, verify

    p, q = np.array([[0.5, 0.3, 0.2]] * 3), np.array([[0.2, 0.5, 0.3]] * 2)
    print(verify(np.array([0, 0]), q, p, drawer(seed=2)))
    ```

    ```text
    [0 0 2]
    ```
    """
    if (len(q), len(p)) != (len(guesses), len(guesses) + 1):
        raise ValueError(f"{len(guesses)} guesses need as many rows of q and one more of p; got {len(q)} and {len(p)}")
    for n, guess in enumerate(guesses):
        if not accepts(guess, p[n], q[n], draw):
            return np.append(guesses[:n], draw(residual(p[n], q[n])))
    return np.append(guesses, draw(p[-1]))  # all were accepted, and the pass gives one more
    # --8<-- [end:verify]


# --8<-- [start:verify_tree]
def verify_tree(
    guesses: np.ndarray, parents: Sequence[int], q: np.ndarray, p: np.ndarray, draw: Draw
) -> tuple[list[int], int]:
    """Walk down a tree of guesses: try the children one after the other, and take the target's residual each time.

    Args:
        guesses: integers `[n]`; the children of a node are drawn one by one from its row of q.
        parents: for each guess that of its parent, which stands before it; -1 where it follows the text.
        q: `[n + 1, V]`, the draft's probabilities after the text (row 0) and after guess i (row i + 1).
        p: `[n + 1, V]`, the target's, in the same rows, from one pass under the mask of the tree.
        draw: draws an index from probabilities.

    Returns:
        The accepted guesses, as indices from the top down, and one token of the target's own.

    Raises:
        ValueError: the shapes do not fit, or a guess was not drawn from q.

    Source: Miao et al., 2024, section 4.3 and algorithm 2.

    ```python
    import numpy as np
    from minimodel.speculation import drawer, verify_tree

    p, q = np.array([[0.5, 0.3, 0.2]] * 4), np.array([[0.2, 0.5, 0.3]] * 4)
    print(verify_tree(np.array([1, 0, 0]), [-1, -1, 1], q, p, drawer(seed=3)))
    ```

    ```text
    ([1, 2], 1)
    ```
    """
    if not len(q) == len(p) == len(guesses) + 1 == len(parents) + 1:
        raise ValueError(f"{len(guesses)} guesses need as many parents and one row more of q and of p")
    path: list[int] = []
    at = -1  # the text; its row is the first
    while True:
        left = p[at + 1]  # [V] what the target still has to say here
        for child in np.flatnonzero(np.asarray(parents) == at):
            if accepts(guesses[child], left, q[at + 1], draw):
                break
            left = residual(left, q[at + 1])
        else:
            return path, draw(left)
        at = int(child)
        path.append(at)
    # --8<-- [end:verify_tree]


# --8<-- [start:tokens_a_pass]
def tokens_a_pass(alpha: float, gamma: int) -> float:
    """Expect so many tokens from one pass of the target, where each guess is accepted with the same probability.

    Args:
        alpha: probability that a guess is accepted, the same for all and independent of each other.
        gamma: number of guesses in a row.

    Returns:
        1 + alpha + ... + alpha ** gamma: the guesses accepted before the first rejection, and one token more.

    Source: Leviathan et al., 2023, equation 1.

    ```python
    from minimodel.speculation import tokens_a_pass

    print(round(tokens_a_pass(0.7, 4), 4))
    ```

    ```text
    2.7731
    ```
    """
    return float((alpha ** np.arange(gamma + 1)).sum())
    # --8<-- [end:tokens_a_pass]


# --8<-- [start:speculate]
def speculate(
    target: Callable[[np.ndarray], np.ndarray],
    draft: Callable[[np.ndarray], np.ndarray],
    prompt: Sequence[int] | np.ndarray,
    length: int,
    gamma: int,
    draw: Draw,
) -> np.ndarray:
    """Write a text to a given length: guess up to gamma tokens, verify them in one pass, and again.

    Args:
        target: takes a text `[T]` and gives probabilities `[T, V]`; row i is of the token after token i.
        draft: the same, of the cheaper model.
        prompt: the tokens to begin with, at least one.
        length: number of tokens at the end, the prompt among them.
        gamma: number of guesses in a row, at most.
        draw: draws an index from probabilities.

    Returns:
        Integers `[length]`. Their distribution is that of the target alone.

    Source: Leviathan et al., 2023, algorithm 1, repeated.

    ```python
    import numpy as np
    from minimodel.speculation import drawer, speculate

    def counts_up(tokens):
        return np.eye(10)[(tokens + 1) % 10]

    print(speculate(counts_up, counts_up, [7], 6, gamma=3, draw=drawer()))
    ```

    ```text
    [7 8 9 0 1 2]
    ```
    """
    text = np.asarray(prompt, dtype=np.int64)  # [T]
    while len(text) < length:
        guessed, rows = text, []
        for _ in range(min(gamma, length - len(text) - 1)):
            rows.append(draft(guessed)[-1])  # [V]
            guessed = np.append(guessed, draw(rows[-1]))
        p = target(guessed)[len(text) - 1 :]  # [n + 1, V] one pass over all guesses
        text = np.append(text, verify(guessed[len(text) :], np.array(rows), p, draw))
    return text
    # --8<-- [end:speculate]


# --8<-- [start:outcomes]
def outcomes(run: Callable[[Draw], Sequence[int] | np.ndarray]) -> dict[tuple[int, ...], float]:
    """Follow every path that the draws of a procedure can take, and add up the probability of each outcome.

    Args:
        run: takes a `draw`, and gives tokens. It must do the same again when its draws come out the same.

    Returns:
        Each outcome with its probability; they sum to one.

    ```python
    import numpy as np
    from minimodel.speculation import outcomes

    coin = np.array([0.25, 0.75])
    print(outcomes(lambda draw: [draw(coin) + draw(coin)]))
    ```

    ```text
    {(2,): 0.5625, (1,): 0.375, (0,): 0.0625}
    ```
    """
    found: dict[tuple[int, ...], float] = {}
    waiting: list[tuple[int, ...]] = [()]  # the first draws of paths that were not followed yet
    while waiting:
        outcome, chance, others = _follow(run, waiting.pop())
        found[outcome] = found.get(outcome, 0.0) + chance
        waiting += others
    return found
    # --8<-- [end:outcomes]


def _follow(
    run: Callable[[Draw], Sequence[int] | np.ndarray], start: tuple[int, ...]
) -> tuple[tuple[int, ...], float, list[tuple[int, ...]]]:
    """Run once, with the first draws given: the outcome, its probability, and the paths that branch off after them."""
    taken: list[int] = []
    chances: list[float] = []
    others: list[tuple[int, ...]] = []

    def draw(probabilities: np.ndarray) -> int:
        possible = [int(one) for one in np.flatnonzero(probabilities)]
        if len(taken) < len(start):
            choice = start[len(taken)]
        else:
            choice = possible[-1]
            others.extend((*taken, one) for one in possible[:-1])
        taken.append(choice)
        chances.append(float(probabilities[choice]))
        return choice

    outcome = tuple(int(token) for token in run(draw))
    return outcome, float(np.prod(chances)), others


# --8<-- [start:chi_square]
def chi_square(counts: np.ndarray, probabilities: np.ndarray) -> float:
    """Measure how far counts are from what probabilities expect: the sum of (counted - expected)² / expected.

    Args:
        counts: `[n]`, how often each outcome was seen.
        probabilities: `[n]`, positive, what they should follow.

    Returns:
        Near n - 1 where the counts follow the probabilities, and larger the longer one counts where they do not.

    Source: Pearson, 1900.

    ```python
    import numpy as np
    from minimodel.speculation import chi_square

    print(chi_square(np.array([30, 70]), np.array([0.5, 0.5])))
    ```

    ```text
    16.0
    ```
    """
    expected = counts.sum() * probabilities  # [n]
    return float(((counts - expected) ** 2 / expected).sum())
    # --8<-- [end:chi_square]


# --8<-- [start:tree_logits]
def tree_logits(
    guesses: np.ndarray, parents: Sequence[int], weights: GPTWeights, caches: Sequence[KVCache]
) -> np.ndarray:
    """From a tree of guesses to logits, in one pass; the text that they follow lies in the caches.

    Each guess reads the text, its ancestors and itself, and stands at the position that it would have in the
    text: one after its parent's.

    Args:
        guesses: integers `[n]` below V.
        parents: for each guess that of its parent, which stands before it; -1 where it follows the text.
        weights: of the model.
        caches: one a block; the guesses are added to each, in the order in which they are given.

    Returns:
        Logits `[n, V]`; row i predicts the token after guess i.

    Raises:
        ValueError: a parent does not stand before its child, there is not one cache a block, or a branch is longer
            than the model has positions.

    Source: Miao et al., 2024, section 4.2.

    ```python
    import numpy as np
    from minimodel.cache import KVCache, cached_logits
    from minimodel.gpt import draw_weights, logits
    from minimodel.speculation import tree_logits

    weights, cache = draw_weights(V=11, n_positions=5, d_model=12, n_heads=3, n_layers=1), KVCache()
    cached_logits(np.array([3, 1]), weights, [cache])
    rows = tree_logits(np.array([4, 5]), [-1, -1], weights, [cache])  # 4 or 5, and not 4 and then 5
    print(np.allclose(rows[1], logits(np.array([3, 1, 5]), weights)[-1], rtol=0, atol=1e-12))
    ```

    ```text
    True
    ```
    """
    start = tokens_seen(caches, len(weights.blocks))
    text = range(-1, start - 1)  # each token of the text follows the one before it
    rule = tree([*text, *(start + parent for parent in parents)])  # a root follows the last of them
    depths: list[int] = []
    for parent in parents:
        depths.append(0 if parent < 0 else depths[parent] + 1)
    positions = start + np.array(depths)  # [n]
    if positions.max() >= len(weights.positions):
        raise ValueError(f"a branch ends at position {positions.max()}; the model has {len(weights.positions)} of them")
    x = weights.tokens[guesses] + weights.positions[positions]  # [n, d_model]
    for one, cache in zip(weights.blocks, caches, strict=True):
        read = partial(attend_cached, weights=one, n_heads=weights.n_heads, cache=cache, rule=rule)
        x = pre_norm_block(x, one, read)
    scores: np.ndarray = layer_norm(x, weights.gain) @ weights.tokens.T  # [n, V]
    return scores
    # --8<-- [end:tree_logits]
