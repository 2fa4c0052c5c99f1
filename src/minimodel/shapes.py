"""Contracts between shapes, checked while the code runs.

A shape that does not fit is often a mistake with a name: a head that was not split, a cache that was
forgotten. The errors here say which.
"""

from typing import Any

Shape = tuple[int, ...]

LIKELY_MISTAKE = {
    "...": "batch and heads must agree; was only one of them split into heads?",
    "S": "every key needs its value; was only one of them cached?",
    "T": "was one of them shifted, and the other not?",
    "d_head": "each query is multiplied with each key; is one of them transposed, or not split into heads?",
    "d_model": "was this model made for embeddings of another width?",
}


# --8<-- [start:check_shapes]
def check_shapes(**arrays: tuple[str, Shape]) -> dict[str, Any]:
    """Check that axes with one name have one size, in all arrays.

    Args:
        **arrays: for each array its axes and its shape, as in `q=("... L d_head", q.shape)`. A leading
            `...` stands for any number of axes, equal in all arrays that have it.

    Returns:
        The size bound to each name; for `...` a tuple of sizes.

    Raises:
        ValueError: an axis is missing, or one name has two sizes. The message names the likely mistake.

    ```python
    from minimodel.shapes import check_shapes

    print(check_shapes(q=("L d_head", (2, 8)), k=("S d_head", (5, 8))))
    ```

    ```text
    {'L': 2, 'd_head': 8, 'S': 5}
    ```
    """
    sizes: dict[str, Any] = {}
    owner: dict[str, str] = {}  # the array that bound each name
    for name, (axes, shape) in arrays.items():
        for axis, size in name_axes(name, axes, shape):
            if sizes.setdefault(axis, size) != size:
                first, hint = owner[axis], LIKELY_MISTAKE.get(axis, "do they belong together?")
                raise ValueError(f"{axis} is {sizes[axis]} in {first} but {size} in {name} {shape}; {hint}")
            owner.setdefault(axis, name)
    return sizes
    # --8<-- [end:check_shapes]


# --8<-- [start:shape_table]
def shape_table(**arrays: tuple[str, Shape]) -> str:
    """Check shapes, and write them as a table: one row an array, its axes by name and by size.

    Args:
        **arrays: as for `check_shapes`.

    Returns:
        Lines of equal columns: the array, its axes, its shape.

    Raises:
        ValueError: as `check_shapes`; a table is written only of shapes that fit.

    ```python
    from minimodel.shapes import shape_table

    print(shape_table(q=("L d_head", (2, 8)), k=("S d_head", (5, 8))))
    ```

    ```text
    q  [L, d_head]  [2, 8]
    k  [S, d_head]  [5, 8]
    ```
    """
    check_shapes(**arrays)
    rows = [(name, f"[{', '.join(axes.split())}]", str(list(shape))) for name, (axes, shape) in arrays.items()]
    wide, wider = (max(len(row[column]) for row in rows) for column in (0, 1))
    return "\n".join(f"{name:{wide}}  {axes:{wider}}  {shape}" for name, axes, shape in rows)
    # --8<-- [end:shape_table]


def name_axes(name: str, axes: str, shape: Shape) -> list[tuple[str, Any]]:
    """Pair the names in `axes` with the sizes in `shape`; a leading `...` takes the sizes left over."""
    names = axes.split()
    named = [axis for axis in names if axis != "..."]
    extra = len(shape) - len(named)  # how many axes the ... stands for
    if extra < 0 or (extra > 0 and names == named):
        hint = "was an axis dropped by indexing?" if extra < 0 else "is there a batch axis too many?"
        raise ValueError(f"{name} has shape {shape} but needs the axes [{axes}]; {hint}")
    leading = [("...", shape[:extra])] if names != named else []
    return leading + list(zip(named, shape[extra:], strict=True))


# --8<-- [start:check_mask_shape]
def check_mask_shape(mask: Shape, scores: Shape) -> None:
    """Check that a mask fits scores `[..., L, S]`: as `[L, S]`, or with all the axes of the scores.

    An axis of size one is stretched. A mask with some of the leading axes is refused: `[B, T, T]` over
    `[B, H, T, T]` would lay the batch along the heads, without a word if B equals H.

    Args:
        mask: shape of the mask.
        scores: shape of the scores.

    Raises:
        ValueError: the shapes do not fit. The message names the likely mistake.

    ```python
    from minimodel.shapes import check_mask_shape

    try:
        check_mask_shape((3, 3), (1, 4))
    except ValueError as error:
        print(error)
    ```

    ```text
    mask has shape (3, 3) but scores have 4 keys; did you forget the cached ones?
    ```
    """
    *leading, L, S = scores
    has = f"mask has shape {mask} but scores"
    if len(mask) not in (2, len(scores)):
        raise ValueError(f"{has} have shape {scores}; is the head axis missing? mask[:, None] adds it")
    if mask[-1] not in (1, S):
        hint = "did you forget the cached ones?" if mask[-1] < S else "was it made for a longer sequence?"
        raise ValueError(f"{has} have {S} keys; {hint}")
    if mask[-2] not in (1, L):
        raise ValueError(f"{has} have L = {L}; give it one row a query: did you forget the offset?")
    if any(m not in (1, s) for m, s in zip(mask[:-2], leading, strict=False)):
        raise ValueError(f"{has} have shape {scores}; are batch and heads swapped?")
    # --8<-- [end:check_mask_shape]
