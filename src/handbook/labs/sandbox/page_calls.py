"""What a grader asks of a learner's pool of pages: numbers in, numbers out, and the pool and its texts stay here.

A learner's process runs these functions on the learner's module. Each is called as the learner's function that it asks,
so that what is said of it has the name that the learner knows. The pool that was begun last, and its texts by name,
are kept with that module.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Array = np.ndarray

_KEPT = "_begun_by_the_grader"


@dataclass
class _Begun:
    """A pool, its texts, and chance to fill what none of them has written."""

    pool: Any
    texts: dict[str, Any] = field(default_factory=dict)
    chance: np.random.Generator = field(default_factory=lambda: np.random.default_rng(0))

    def spoil(self) -> None:
        """Put numbers into every row in which no text has a token: pages come into use as others have left them."""
        keys = self.pool.keys
        empty = np.ones((len(keys), keys.shape[2]), dtype=bool)  # [n_pages, page_size]
        for text in self.texts.values():
            for t in range(text.length):
                page = t // keys.shape[2]
                if page < len(text.table):
                    empty[text.table[page], t % keys.shape[2]] = False
        for array in (keys, self.pool.values):
            rows = array.swapaxes(1, 2)  # [n_pages, page_size, H, d_head]
            rows[empty] = self.chance.normal(size=rows[empty].shape)


def _begun(module: Any) -> _Begun:
    begun: _Begun = vars(module)[_KEPT]
    return begun


def _seen(module: Any, refused: bool) -> list[Any]:
    """Whether there was no room, the number of free pages, tables and lengths in the order of names, the pool.

    The pool is `[2, n_pages, H, page_size, d_head]`, keys and values.
    """
    begun = _begun(module)
    texts = [begun.texts[name] for name in sorted(begun.texts)]
    tables, lengths = [[int(page) for page in text.table] for text in texts], [int(text.length) for text in texts]
    return [refused, n_free(module), tables, lengths, np.stack([begun.pool.keys, begun.pool.values])]


def Pool(module: Any, sizes: list[int]) -> None:  # noqa: N802
    """Begin anew, with an empty pool of these sizes."""
    vars(module)[_KEPT] = _Begun(module.Pool(*sizes))


def n_free(module: Any) -> int:
    """The number of free pages."""
    return int(module.n_free(_begun(module).pool))


def take(module: Any) -> int:
    """The number of a page, or -1 where there was none."""
    try:
        return int(module.take(_begun(module).pool))
    except MemoryError:
        return -1


def share(module: Any, page: int) -> int:
    """The number of free pages afterwards."""
    module.share(_begun(module).pool, page)
    return n_free(module)


def drop(module: Any, page: int) -> int:
    """The number of free pages afterwards."""
    module.drop(_begun(module).pool, page)
    return n_free(module)


def append(module: Any, text: str, k_and_v: Array) -> list[Any]:
    """What is there after an append to a text, which begins empty where the name is new; or which argument changed."""
    begun, (k, v) = _begun(module), k_and_v.copy()
    begun.texts.setdefault(text, module.Text())
    begun.spoil()
    seen = _seen(module, _refused(module.append, begun.pool, begun.texts[text], k, v))
    changed = [name for name, now, given in zip("kv", (k, v), k_and_v, strict=True) if not np.array_equal(now, given)]
    return changed or seen


def fork(module: Any, text: str, other: str) -> list[Any]:
    """What is there after a fork."""
    begun = _begun(module)
    begun.texts[other] = module.Text()

    def call() -> None:
        begun.texts[other] = module.fork(begun.pool, begun.texts[text])

    return _seen(module, _refused(call))


def free(module: Any, text: str) -> list[Any]:
    """What is there after a text was freed."""
    begun = _begun(module)
    return _seen(module, _refused(module.free, begun.pool, begun.texts[text]))


def _refused(call: Callable[..., None], *arguments: Any) -> bool:
    try:
        call(*arguments)
    except MemoryError:
        return True
    return False


def lay(module: Any, text: str, keys: Array, values: Array, table: list[int], length: int) -> None:
    """Put a text into the pool that no function of the learner's has written, and everything around it."""
    begun = _begun(module)
    begun.pool.keys[:], begun.pool.values[:] = keys, values
    begun.texts[text] = module.Text()
    begun.texts[text].table, begun.texts[text].length = list(table), length


def attend(module: Any, text: str, q: Array) -> Any:
    """The outputs for queries of a text."""
    begun = _begun(module)
    return module.attend(begun.pool, begun.texts[text], q)
