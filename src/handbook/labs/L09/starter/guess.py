"""Speculative decoding: a draft guesses several tokens, the target verifies them in one pass, the cache forgets.

Chance comes in as numbers between 0 and 1, each used for one decision, so that the same numbers give the same text.
"""

import numpy as np


def draw(probabilities, u):
    """`[V]` and a number u, 0 < u < 1, to a token: of all u, a token gets the share that its probability says."""
    raise NotImplementedError


def accepts(token, p, q, u):
    """True where a guess stays, False where it is rejected: it stays with probability min(1, p / q), by the number u.

    p and q are `[V]`, the target's probabilities and the draft's; the token was drawn from q.
    """
    raise NotImplementedError


def residual(p, q):
    """`[V]` and `[V]` to probabilities `[V]`: what the target still has to say once a guess was rejected.

    Where p and q are equal nothing is ever rejected, and nobody asks.
    """
    raise NotImplementedError


def verify(guesses, q, p, u, last):
    """Guesses `[n]` to tokens `[m]`: those that stay, up to the first that is rejected, and one of the target's own.

    q is `[n, V]`: row i is what guess i was drawn from. p is `[n + 1, V]`: row i is what the target gives after the
    text and the first i guesses. u is `[n]`, a number for each guess; `last` is the number for the token that is drawn.
    n may be 0: then one token is drawn, as without a draft.
    """
    raise NotImplementedError


def advance(target, cache, text, guesses, q, u, last):
    """Take one step: from the text `[T]` and its cache to the longer text and its cache.

    `target(tokens, cache)` runs one pass over `[L]` new tokens behind a cache `[2, H, S, d]` of keys and values, and
    returns probabilities `[L, V]`, of what follows each of them, and a new cache `[2, H, S + L, d]`. It is what costs.

    The cache holds every token of the text but the newest, which no pass has read yet. So must the one returned.
    """
    raise NotImplementedError


def counting(tokens, cache):
    """Be a target to try things with: after 3 comes 4, after 9 comes 0. Its cache keeps the tokens themselves."""
    tokens = np.asarray(tokens)
    new = np.broadcast_to(tokens[:, None], (2, 1, len(tokens), 1))  # [2, H, L, d]
    return np.eye(10)[(tokens + 1) % 10], np.concatenate([cache, new], axis=-2)


if __name__ == "__main__":
    p, q = np.array([0.4, 0.5, 0.1]), np.array([0.2, 0.3, 0.5])
    tenths = (np.arange(10) + 0.5) / 10  # a number from the middle of each tenth, for every decision
    comes_out = np.zeros(3)
    for guess in range(3):
        for u in tenths:
            for last in tenths:
                first = verify(np.array([guess]), q[None], np.stack([p, p]), [u], last)[0]
                comes_out[first] += q[guess] / 100
    print("the target wants", p, "and there comes out", comes_out.round(4))

    empty, even = np.zeros((2, 1, 0, 1)), np.full((3, 10), 0.1)
    text, cache = advance(counting, empty, np.array([3]), np.array([4, 5, 9]), even, [0.5] * 3, 0.5)
    print("text", np.asarray(text).tolist(), "in the cache", cache[0, 0, :, 0].astype(int).tolist())
