"""A cache in fewer bits: keys and values as small integers, and the scales that make numbers of them again.

A number is divided by a scale and rounded, so it is off by half a scale at most. Which numbers share a scale
decides how large that is: one that is much larger than the others makes the step of all of them large.
"""

import numpy as np

from minimodel.cache import check_new, check_rollback
from minimodel.predicates import causal


# --8<-- [start:quantise]
def quantise(x: np.ndarray, axis: int | None, bits: int = 8) -> tuple[np.ndarray, np.ndarray]:
    """Round numbers to the nearest of a few evenly spaced levels around zero.

    Args:
        x: `[..., T, d]`, float.
        axis: the axis whose numbers share a scale. -2, the tokens: a scale for each channel. -1, the channels: a
            scale for each token. None: one scale for all.
        bits: from 2 to 8; there are 2 ** bits - 1 levels.

    Returns:
        Codes, int8, of the shape of `x`; and scales in the dtype of `x`, of size one where they are shared.

    Raises:
        ValueError: there are too few bits, or more than a byte.

    Source: Liu et al., 2024, for which axis; here zero is the middle level, there the least number is the first.

    ```python
    import numpy as np
    from minimodel.quantised import quantise

    codes, scale = quantise(np.array([[0.5, 40.0], [-0.25, 80.0]]), axis=-2, bits=4)
    print(codes.tolist(), scale.round(4))
    ```

    ```text
    [[7, 4], [-4, 7]] [[ 0.0714 11.4286]]
    ```
    """
    if not 2 <= bits <= 8:
        raise ValueError(f"bits = {bits}: a code lies in one byte, and one bit would hold nothing but zero")
    levels = 2 ** (bits - 1) - 1  # on each side of zero
    largest = np.abs(x).max(axis=axis, keepdims=True)
    scale = np.where(largest > 0, largest, 1) / x.dtype.type(levels)
    return np.rint(x / scale).astype(np.int8), scale
    # --8<-- [end:quantise]


# --8<-- [start:dequantise]
def dequantise(codes: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Make numbers of codes again; each is off by half its scale at most.

    Args:
        codes: int8 `[..., T, d]`.
        scale: as `quantise` returned it.

    Returns:
        An array of the shape of the codes, in the dtype of the scale.

    ```python
    import numpy as np
    from minimodel.quantised import dequantise, quantise

    print(dequantise(*quantise(np.array([[0.5, 40.0], [-0.25, 80.0]]), axis=-2, bits=4)).round(4))
    ```

    ```text
    [[ 0.5    45.7143]
     [-0.2857 80.    ]]
    ```
    """
    numbers: np.ndarray = codes * scale
    return numbers
    # --8<-- [end:dequantise]


# --8<-- [start:score_error]
def score_error(q: np.ndarray, scale: np.ndarray, S: int) -> np.ndarray:
    """Bound how far the scores of quantised keys are from those of the keys themselves.

    Each component of a key is off by half its scale at most, and a score adds up all of them, weighted by the
    query. If no score of a row is off by more than e, no weight is off by more than a factor of exp(2 * e).

    Args:
        q: queries `[..., L, d_head]`.
        scale: of the keys, as `quantise` returned it.
        S: number of keys.

    Returns:
        An array `[..., L, S]`: no score is off by more, apart from the rounding of the arithmetic.

    ```python
    import numpy as np
    from minimodel.quantised import score_error

    print(score_error(np.array([[3.0, -1.0, 0.0, 0.0]]), scale=np.array([[0.1, 0.4, 0.4, 0.4]]), S=2))
    ```

    ```text
    [[0.175 0.175]]
    ```
    """
    half = np.broadcast_to(scale / 2, (*scale.shape[:-2], S, q.shape[-1]))  # [..., S, d_head]
    bound: np.ndarray = np.abs(q) @ half.swapaxes(-1, -2) / np.sqrt(q.shape[-1])  # [..., L, S]
    return bound
    # --8<-- [end:score_error]


# --8<-- [start:QuantisedCache]
class QuantisedCache:
    """Keys and values in eight bits or fewer, group by group, and the newest tokens as they came.

    A group is quantised when it is full: keys with a scale for each channel, values with one for each token. New
    tokens are read as they came, even where they fill a group. So a scale knows no token that comes after a query
    that reads it.

    Args:
        group: number of tokens whose keys share their scales.
        bits: from 2 to 8. Codes take a byte each here, however many bits they have.

    Raises:
        ValueError: a group is smaller than one token.

    Source: Liu et al., 2024, and its code, which quantises values one by one as they grow old.

    ```python
    import numpy as np
    from minimodel.quantised import QuantisedCache

    cache = QuantisedCache(group=4)
    cache.append(np.full((1, 5, 2), 0.3), np.full((1, 5, 2), 0.3))  # a group of four, and one token
    keys, values, positions = cache.append(np.ones((1, 1, 2)), np.ones((1, 1, 2)))
    print(keys.shape, positions, cache.nbytes)
    ```

    ```text
    (1, 6, 2) [0 1 2 3 4 5] 128
    ```
    """

    def __init__(self, group: int, bits: int = 8) -> None:
        if group < 1:
            raise ValueError(f"group = {group}: a group holds one token at least")
        self.rule = causal  # which keys a query may read, by position: all up to its own
        self.group = group
        self.bits = bits
        self._groups: list[tuple[tuple[np.ndarray, np.ndarray], ...]] = []  # codes and scales, of keys and of values
        self._keys: np.ndarray | None = None  # [..., H_kv, fewer than a group, d_head]
        self._values: np.ndarray | None = None  # [..., H_kv, fewer than a group, d_v]

    @property
    def length(self) -> int:
        """Number of tokens seen so far: the position of the next one."""
        return len(self._groups) * self.group + (0 if self._keys is None else self._keys.shape[-2])

    @property
    def nbytes(self) -> int:
        """Bytes of codes and scales, and of the tokens that are kept as they came."""
        kept = [array for group in self._groups for pair in group for array in pair]
        return sum(array.nbytes for array in (*kept, self._keys, self._values) if array is not None)

    def append(self, k: np.ndarray, v: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Add the keys and values of the next tokens, and return those that their queries may read.

        Args:
            k: keys `[..., H_kv, L, d_head]` of L new tokens.
            v: values `[..., H_kv, L, d_v]`.

        Returns:
            Keys `[..., H_kv, S, d_head]`, values `[..., H_kv, S, d_v]` and their absolute positions `[S]`. Groups
            that were full before come out of their codes; the rest is as it came.

        Raises:
            ValueError: the shapes do not fit each other, or what is kept.
            TypeError: the dtype is not that of what is kept.
        """
        check_new(self._keys, self._values, k, v)
        recent = [
            new if kept is None else np.concatenate([kept, new], axis=-2)
            for kept, new in ((self._keys, k), (self._values, v))
        ]
        restored = [[dequantise(*pair) for pair in group] for group in self._groups]
        keys, values = (
            np.concatenate([*(group[n] for group in restored), newest], axis=-2) for n, newest in enumerate(recent)
        )
        for start in range(0, recent[0].shape[-2] - self.group + 1, self.group):  # what is full by now
            full_k, full_v = (array[..., start : start + self.group, :] for array in recent)
            self._groups.append((quantise(full_k, -2, self.bits), quantise(full_v, -1, self.bits)))
        rest = recent[0].shape[-2] % self.group
        self._keys, self._values = (array[..., array.shape[-2] - rest :, :].copy() for array in recent)
        return keys, values, np.arange(self.length)

    def truncate(self, length: int) -> None:
        """Forget every token from position `length` on, as if it had never come.

        Within a group that cannot be: its scales know tokens that are forgotten, and the numbers are gone.

        Args:
            length: number of tokens to keep.

        Raises:
            ValueError: the cache has not seen that many tokens, or would have to cut a group.
        """
        check_rollback(length, self.length)
        whole, rest = divmod(length, self.group)
        if whole < len(self._groups) and rest:
            raise ValueError(
                f"cannot go back to {length} tokens: those from {whole * self.group} to {(whole + 1) * self.group - 1} "
                "share scales that were made with what would be forgotten; go back to the beginning of their group"
            )
        if self._keys is not None and self._values is not None:
            kept = max(0, length - len(self._groups) * self.group)
            self._keys, self._values = (array[..., :kept, :].copy() for array in (self._keys, self._values))
        self._groups = self._groups[:whole]
        # --8<-- [end:QuantisedCache]
