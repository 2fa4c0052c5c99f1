"""A cache in pages: each text finds its keys and values through a block table, and texts may share pages.

A text does not reserve memory for its greatest length. It takes a page when the last one is full, and gives all of
them back when it is done. A page that several texts hold is copied before one of them writes to it.
"""

from collections.abc import Sequence

import numpy as np

from minimodel.cache import check_rollback
from minimodel.predicates import causal
from minimodel.shapes import check_shapes


# --8<-- [start:PagePool]
class PagePool:
    """The pages of one layer, for all texts together, and how many hold each of them.

    Args:
        n_pages: number of pages.
        page_size: number of tokens in a page.
        n_kv_heads: H_kv, heads of keys and values.
        d_head: width of a head, the same for keys and values.
        dtype: float type of what is kept.

    Raises:
        ValueError: a size is smaller than one.

    Source: Kwon et al., 2023, section 4.

    ```python
    from minimodel.paging import PagePool

    pool = PagePool(n_pages=3, page_size=2, n_kv_heads=1, d_head=4)
    page = pool.take()
    pool.share(page)
    pool.drop(page)
    print(page, pool.holders, pool.n_free)
    ```

    ```text
    0 [1, 0, 0] 2
    ```
    """

    def __init__(
        self, n_pages: int, page_size: int, *, n_kv_heads: int, d_head: int, dtype: np.typing.DTypeLike = np.float64
    ) -> None:
        """Reserve all pages at once; from here on they are only lent and given back."""
        if min(n_pages, page_size, n_kv_heads, d_head) < 1:
            raise ValueError(
                f"n_pages = {n_pages}, page_size = {page_size}, n_kv_heads = {n_kv_heads}, d_head = {d_head}: "
                "each of them is at least 1"
            )
        self.page_size = page_size
        self.keys = np.zeros((n_pages, n_kv_heads, page_size, d_head), dtype)  # [n_pages, H_kv, page_size, d_head]
        self.values = np.zeros_like(self.keys)
        self.holders = [0] * n_pages  # of each page: how many block tables and trees name it
        self._free = list(range(n_pages))[::-1]

    @property
    def n_free(self) -> int:
        """Number of pages that nobody holds."""
        return len(self._free)

    def pages_for(self, tokens: int) -> int:
        """Count the pages of so many tokens; the last one may be partly empty."""
        return -(-tokens // self.page_size)

    def take(self) -> int:
        """Lend a page, and return its number; raise MemoryError where none is free."""
        if not self._free:
            raise MemoryError(f"all {len(self.holders)} pages are held: free a text, evict a prefix, or preempt")
        page = self._free.pop()
        self.holders[page] = 1
        return page

    def share(self, page: int) -> None:
        """Let one more hold a page."""
        self.holders[page] += 1

    def drop(self, page: int) -> None:
        """Let one less hold a page; what nobody holds is free."""
        self.holders[page] -= 1
        if not self.holders[page]:
            self._free.append(page)
        # --8<-- [end:PagePool]


# --8<-- [start:PagedCache]
class PagedCache:
    """The keys and values of one text in one layer, in pages of a pool; used as `KVCache` is.

    Token t lies in page `table[t // page_size]`, in row `t % page_size`.

    Args:
        pool: where the pages are.
        pages: full pages to begin with, which others hold too; none begins an empty text.

    Source: Kwon et al., 2023, section 4.

    ```python
    import numpy as np
    from minimodel.paging import PagedCache, PagePool

    pool = PagePool(n_pages=4, page_size=2, n_kv_heads=3, d_head=4)
    cache = PagedCache(pool)
    keys, values, positions = cache.append(np.ones((3, 5, 4)), np.ones((3, 5, 4)))  # five tokens, in three heads
    print(keys.shape, positions, cache.table, pool.n_free)
    ```

    ```text
    (3, 5, 4) [0 1 2 3 4] [0, 1, 2] 1
    ```
    """

    def __init__(self, pool: PagePool, pages: Sequence[int] = ()) -> None:
        """Hold the pages to begin with."""
        self.pool = pool
        self.rule = causal  # which keys a query may read, by position: all up to its own
        self.table = list(pages)  # the block table: where each page of the text lies in the pool
        self.length = len(self.table) * pool.page_size  # number of tokens seen: the position of the next one
        for page in self.table:
            pool.share(page)

    @property
    def nbytes(self) -> int:
        """Bytes of the pages in the table, those that are shared and the empty rows of the last one included."""
        a_page = int(self.pool.keys[0].nbytes + self.pool.values[0].nbytes)
        return a_page * len(self.table)

    def append(self, k: np.ndarray, v: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Write the keys and values of the next tokens into pages, and return those that their queries may read.

        Args:
            k: keys `[H_kv, L, d_head]` of L new tokens.
            v: values `[H_kv, L, d_head]`.

        Returns:
            Keys `[H_kv, S, d_head]` and values `[H_kv, S, d_head]`, gathered in the order of the text, and their
            absolute positions `[S]`.

        Raises:
            ValueError: the shapes do not fit each other, or the pool.
            TypeError: the dtype is not that of the pool.
            MemoryError: the pool has too few free pages; nothing has been written then.
        """
        check_shapes(pool=("n_pages H_kv page_size d_head", self.pool.keys.shape), k=("H_kv L d_head", k.shape))
        check_shapes(k=("H_kv L d_head", k.shape), v=("H_kv L d_head", v.shape))
        if {k.dtype, v.dtype} != {self.pool.keys.dtype}:
            raise TypeError(f"the pool holds {self.pool.keys.dtype} and the new ones are {k.dtype}, {v.dtype}")
        positions = np.arange(self.length, self.length + k.shape[-2])  # [L]
        self._make_room(len(positions))
        pages = np.array(self.table, dtype=int)[positions // self.pool.page_size]  # [L]
        rows = positions % self.pool.page_size  # [L]
        self.pool.keys[pages, :, rows] = k.swapaxes(0, 1)  # [L, H_kv, d_head]
        self.pool.values[pages, :, rows] = v.swapaxes(0, 1)
        self.length += len(positions)
        return self.gather(self.pool.keys), self.gather(self.pool.values), np.arange(self.length)

    def gather(self, pages: np.ndarray) -> np.ndarray:
        """Put the pages of the text side by side: `[H_kv, length, d_head]`."""
        mine = pages[np.array(self.table, dtype=int)]  # [n, H_kv, page_size, d_head] the n pages of the text
        n, H_kv, page_size, d_head = mine.shape
        row: np.ndarray = mine.swapaxes(0, 1).reshape(H_kv, n * page_size, d_head)  # [H_kv, n * page_size, d_head]
        return row[:, : self.length].copy()  # the empty rows of the last page are no part of the text

    def _make_room(self, L: int) -> None:
        """Copy the page that is written to if others hold it, and take new ones; all of that, or nothing."""
        half = self.table[-1] if L and self.length % self.pool.page_size else None  # a page with empty rows
        copied = half is not None and self.pool.holders[half] > 1
        more = self.pool.pages_for(self.length + L) - len(self.table)
        if copied + more > self.pool.n_free:
            raise MemoryError(
                f"{copied + more} pages are needed and {self.pool.n_free} are free: "
                "free a text, evict a prefix, or preempt"
            )
        if half is not None and copied:  # copy on write
            own = self.pool.take()
            self.pool.keys[own], self.pool.values[own] = self.pool.keys[half], self.pool.values[half]
            self.pool.drop(half)
            self.table[-1] = own
        self.table += [self.pool.take() for _ in range(more)]

    def fork(self) -> "PagedCache":
        """Return a second text that begins as this one does, without copying a page."""
        other = PagedCache(self.pool, self.table)
        other.length = self.length
        return other

    def truncate(self, length: int) -> None:
        """Forget every token from position `length` on, and give back the pages that are no longer needed.

        Args:
            length: number of tokens to keep; zero frees the text.

        Raises:
            ValueError: the cache has not seen that many tokens.
        """
        check_rollback(length, self.length)
        while len(self.table) > self.pool.pages_for(length):
            self.pool.drop(self.table.pop())
        self.length = length
        # --8<-- [end:PagedCache]
