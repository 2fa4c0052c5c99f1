"""Masks as predicates: small rules about one query and one key, which compose into any mask in use.

A predicate takes four integers, or four arrays of them that broadcast together: the text b of the batch, the
head h, and the positions q of a query and k of a key. It says whether the query may read the key. Positions
count from the start of the text, also when the first keys lie in a cache. The four arguments are those of
FlexAttention's `mask_mod`, so that the rules without arrays of their own work there unchanged.

`ask` puts a rule to many queries and keys at once, wherever they stand. `materialise` does so for positions that
count from zero, and writes the answers down as a mask, boolean or additive.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from minimodel.masks import additive

Predicate = Callable[[Any, Any, Any, Any], Any]
"""`(b, h, q, k)` to a boolean, or to an array of booleans: True where query q may read key k."""


# --8<-- [start:causal]
def causal(b: Any, h: Any, q: Any, k: Any) -> Any:
    """Allow a query its own position and everything before it: `k <= q`.

    Source: Vaswani et al., 2017, section 3.2.3.

    ```python
    from minimodel.predicates import causal

    print(causal(0, 0, 2, 1), causal(0, 0, 1, 2))
    ```

    ```text
    True False
    ```
    """
    return k <= q
    # --8<-- [end:causal]


# --8<-- [start:window]
def window(W: int) -> Predicate:
    """Allow the last W positions, the query's own among them, and everything after; combine it with `causal`.

    Args:
        W: number of keys that a query may read. Some libraries count the keys before the query instead.

    Raises:
        ValueError: W is smaller than one, so that a query could not read itself.

    Source: Beltagy et al., 2020, section 3.1, one-sided.

    ```python
    from minimodel.predicates import window

    print(window(3)(0, 0, 5, 3), window(3)(0, 0, 5, 2))
    ```

    ```text
    True False
    ```
    """
    if W < 1:
        raise ValueError(f"W = {W}: a window counts the query's own key, so it is at least 1")

    def inside(b: Any, h: Any, q: Any, k: Any) -> Any:
        return q - k < W

    return inside
    # --8<-- [end:window]


# --8<-- [start:first]
def first(n: int) -> Predicate:
    """Allow the first n keys to every query: a prefix beside `causal`, or sinks beside a window.

    Args:
        n: number of keys at the start of the text.

    Raises:
        ValueError: n is negative.

    Source: Raffel et al., 2020, section 3.2.1 (prefix); Xiao et al., 2024, section 3.2 (sinks).

    ```python
    from minimodel.predicates import first

    print(first(2)(0, 0, 0, 1), first(2)(0, 0, 9, 2))
    ```

    ```text
    True False
    ```
    """
    if n < 0:
        raise ValueError(f"n = {n}: it counts keys and cannot be negative")

    def at_the_start(b: Any, h: Any, q: Any, k: Any) -> Any:
        return k < n

    return at_the_start
    # --8<-- [end:first]


# --8<-- [start:documents]
def documents(ids: np.ndarray) -> Predicate:
    """Allow keys of the query's own document, where several are packed into one text.

    Args:
        ids: integers `[B, T]`, the document of each position; or `[T]`, the same in every text.

    ```python
    import numpy as np
    from minimodel.predicates import documents

    same = documents(np.array([0, 0, 0, 1, 1]))
    print(same(0, 0, 2, 1), same(0, 0, 3, 2))
    ```

    ```text
    True False
    ```
    """
    rows = np.atleast_2d(ids)  # [B, T], or [1, T]

    def same_document(b: Any, h: Any, q: Any, k: Any) -> Any:
        check_every_text(b, rows)
        row = 0 if len(rows) == 1 else b  # one row serves every text
        return rows[row, q] == rows[row, k]

    return same_document
    # --8<-- [end:documents]


# --8<-- [start:padding]
def padding(real: np.ndarray) -> Predicate:
    """Allow keys that are tokens, and block those that fill a text up to the length of its batch.

    Args:
        real: boolean `[B, S]`, True where a token stands and not a pad.

    Raises:
        TypeError: `real` is not boolean.

    ```python
    import numpy as np
    from minimodel.predicates import padding

    is_token = padding(np.array([[False, True, True]]))
    print(is_token(0, 0, 2, 1), is_token(0, 0, 2, 0))
    ```

    ```text
    True False
    ```
    """
    if real.dtype != np.bool_:
        raise TypeError(f"real has dtype {real.dtype}, not bool; are these tokens? Compare columns with lengths")

    def is_token(b: Any, h: Any, q: Any, k: Any) -> Any:
        check_every_text(b, real)
        return real[b, k]

    return is_token
    # --8<-- [end:padding]


# --8<-- [start:causal_padded]
def causal_padded(real: np.ndarray) -> Predicate:
    """Allow a query what came before it and is a token; and itself, so that no row is empty.

    With pads on the left, `causal` and `padding` together leave a pad no key at all, and its row is NaN. That NaN
    is a value in the next layer, and a weight of zero does not take it away.

    Args:
        real: boolean `[B, T]`, True where a token stands and not a pad.

    Raises:
        TypeError: `real` is not boolean.

    ```python
    import numpy as np
    from minimodel.predicates import causal_padded, materialise

    print(materialise(causal_padded(np.array([[False, True, True]])), L=3).astype(int))
    ```

    ```text
    [[1 0 0]
     [0 1 0]
     [0 1 1]]
    ```
    """
    is_token = padding(real)

    def past_tokens_or_itself(b: Any, h: Any, q: Any, k: Any) -> Any:
        return (k <= q) & is_token(b, h, q, k) | (k == q)

    return past_tokens_or_itself
    # --8<-- [end:causal_padded]


# --8<-- [start:check_every_text]
def check_every_text(b: Any, rows: np.ndarray) -> None:
    """Refuse to answer for a part of the batch when a whole one is asked about; a single text b is no batch.

    Args:
        b: the texts that are asked about: one number, or an array of them.
        rows: `[B, ...]`, what the rule knows of each text.

    Raises:
        ValueError: the rule knows of more texts than are asked about. Broadcast over the batch, the answer for
            text 0 would serve the others too, without a word.
    """
    if isinstance(b, np.ndarray) and b.size < len(rows):
        raise ValueError(
            f"the rule knows {len(rows)} texts but is asked about {b.size}, whose mask would serve them all; "
            f"was B = {len(rows)} left out?"
        )
    # --8<-- [end:check_every_text]


# --8<-- [start:tree]
def tree(parents: list[int]) -> Predicate:
    """Allow a token itself and its ancestors, where several continuations are guessed at once.

    Args:
        parents: for each position that of its parent, which stands before it; -1 for a root.

    Raises:
        ValueError: a parent does not stand before its child.

    Source: Miao et al., 2024, section 4.2.

    ```python
    from minimodel.predicates import tree

    ancestor = tree([-1, 0, 0, 1])
    print(ancestor(0, 0, 3, 1), ancestor(0, 0, 3, 2))
    ```

    ```text
    True False
    ```
    """
    reach = np.eye(len(parents), dtype=bool)  # [T, T] a token reads itself
    for child, parent in enumerate(parents):
        if not -1 <= parent < child:
            raise ValueError(f"the parent of {child} is {parent}; it must stand before its child, or be -1 for a root")
        if parent >= 0:
            reach[child] |= reach[parent]  # and all that its parent reads

    def ancestor(b: Any, h: Any, q: Any, k: Any) -> Any:
        return reach[q, k]

    return ancestor
    # --8<-- [end:tree]


# --8<-- [start:all_of]
def all_of(*predicates: Predicate) -> Predicate:
    """Allow what every one of the predicates allows; with none of them, everything.

    ```python
    from minimodel.predicates import all_of, causal, window

    local = all_of(causal, window(2))
    print([bool(local(0, 0, 3, k)) for k in range(5)])
    ```

    ```text
    [False, False, True, True, False]
    ```
    """

    def every(b: Any, h: Any, q: Any, k: Any) -> Any:
        allowed = k == k
        for predicate in predicates:
            allowed = allowed & predicate(b, h, q, k)
        return allowed

    return every
    # --8<-- [end:all_of]


# --8<-- [start:any_of]
def any_of(*predicates: Predicate) -> Predicate:
    """Allow what at least one of the predicates allows; with none of them, nothing.

    ```python
    from minimodel.predicates import any_of, causal, first

    prefix_lm = any_of(causal, first(2))
    print([bool(prefix_lm(0, 0, 0, k)) for k in range(4)])
    ```

    ```text
    [True, True, False, False]
    ```
    """

    def some(b: Any, h: Any, q: Any, k: Any) -> Any:
        allowed = k != k
        for predicate in predicates:
            allowed = allowed | predicate(b, h, q, k)
        return allowed

    return some
    # --8<-- [end:any_of]


# --8<-- [start:ask]
def ask(rule: Predicate, queries: np.ndarray, keys: np.ndarray, *, B: int = 1, H: int = 1) -> np.ndarray:
    """Ask a rule which keys each query may read, wherever they stand in the text.

    Args:
        rule: the predicate.
        queries: integers `[L]`, the absolute positions of the queries.
        keys: integers `[S]`, the absolute positions of the keys, such as those that a cache has kept.
        B: number of texts; one, if the rule is the same for all.
        H: number of heads; one, if the rule is the same for all.

    Returns:
        Boolean `[L, S]` where B and H are one, else `[B, H, L, S]`: True where the key may be read.

    Raises:
        ValueError: the rule knows of more texts than B.

    ```python
    import numpy as np
    from minimodel.predicates import all_of, ask, causal, window

    print(ask(all_of(causal, window(3)), np.array([4, 5]), np.array([2, 3, 4, 5])).astype(int))
    ```

    ```text
    [[1 1 1 0]
     [0 1 1 1]]
    ```
    """
    b, h = np.arange(B)[:, None, None, None], np.arange(H)[:, None, None]  # [B, 1, 1, 1], [H, 1, 1]
    answers = np.asarray(rule(b, h, queries[:, None], keys), dtype=bool)  # broadcasts to [B, H, L, S]
    allowed = np.broadcast_to(answers, (B, H, len(queries), len(keys))).copy()  # [B, H, L, S]
    return allowed[0, 0] if B == H == 1 else allowed
    # --8<-- [end:ask]


# --8<-- [start:materialise]
def materialise(
    predicate: Predicate,
    L: int,
    S: int | None = None,
    *,
    B: int = 1,
    H: int = 1,
    offset: int = 0,
    dtype: np.typing.DTypeLike = np.bool_,
) -> np.ndarray:
    """Write a predicate down as a mask, for queries from `offset` on and keys from zero on.

    Args:
        predicate: the rule.
        L: number of queries; the first stands at position `offset`.
        S: number of keys, from position zero; `offset + L` when left out.
        B: number of texts; one, if the rule is the same for all.
        H: number of heads; one, if the rule is the same for all.
        offset: number of tokens before the first query, such as those in a cache.
        dtype: boolean, or a float type for a mask that is added to the scores.

    Returns:
        `[L, S]` where B and H are one, else `[B, H, L, S]`: True where the key may be read; or zero there,
        and `-inf` elsewhere.

    Raises:
        ValueError: a size or the offset is negative, or the predicate knows of more texts than B.
        TypeError: `dtype` is neither boolean nor float.

    ```python
    from minimodel.predicates import all_of, causal, materialise, window

    print(materialise(all_of(causal, window(2)), L=3).astype(int))
    ```

    ```text
    [[1 0 0]
     [1 1 0]
     [0 1 1]]
    ```
    """
    S = offset + L if S is None else S
    if min(L, S, B, H, offset) < 0:
        raise ValueError(f"L = {L}, S = {S}, B = {B}, H = {H}, offset = {offset}: none can be negative")
    mask = ask(predicate, offset + np.arange(L), np.arange(S), B=B, H=H)
    return mask if np.dtype(dtype) == np.bool_ else additive(mask, dtype)
    # --8<-- [end:materialise]
