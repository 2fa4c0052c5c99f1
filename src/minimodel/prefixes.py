"""Prefix caching: pages that outlive their text, found again by what stands in them and before them."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np

from minimodel.paging import PagedCache, PagePool


# --8<-- [start:page_names]
def page_names(tokens: np.ndarray, page_size: int) -> list[bytes]:
    """Name each full page by its tokens and by the name of the page before it.

    Two pages have the same name if they hold the same tokens after the same tokens: keys and values depend on
    all that comes before, so the tokens of the page alone would not do.

    Args:
        tokens: integers `[T]`.
        page_size: number of tokens in a page.

    Returns:
        One hash a full page; the rest of the text has no name yet.

    Source: vLLM design document, 2025.

    ```python
    import numpy as np
    from minimodel.prefixes import page_names

    first = page_names(np.array([3, 1, 4, 1]), page_size=2)
    second = page_names(np.array([2, 7, 4, 1, 5]), page_size=2)
    print(len(first), len(second), first[1] == second[1])
    ```

    ```text
    2 2 False
    ```
    """
    names, parent = [], b""
    for end in range(page_size, len(tokens) + 1, page_size):
        page = np.asarray(tokens[end - page_size : end], dtype=np.int64)
        parent = sha256(parent + page.tobytes()).digest()
        names.append(parent)
    return names
    # --8<-- [end:page_names]


@dataclass(frozen=True)
class Node:
    """A page of the tree, in each layer, and the name of the page before it."""

    pages: tuple[int, ...]  # one a pool
    parent: bytes


# --8<-- [start:PrefixTree]
class PrefixTree:
    """The pages that are kept for texts to come, by name.

    The names make a tree: each knows the name of the page before it, and texts that part after some page have a
    branch each.

    Args:
        pools: one a layer, all with pages of one size.

    Source: Zheng et al., 2023, for the tree and the order of eviction; vLLM design document, 2025, for the names.

    ```python
    import numpy as np
    from minimodel.paging import PagedCache, PagePool
    from minimodel.prefixes import PrefixTree

    pool = PagePool(n_pages=4, page_size=2, n_kv_heads=1, d_head=4)
    tree, cache, tokens = PrefixTree([pool]), PagedCache(pool), np.array([3, 1, 4, 1, 5])
    cache.append(np.ones((1, 5, 4)), np.ones((1, 5, 4)))
    tree.keep(tokens, [cache])
    cache.truncate(0)  # the text is done, and its full pages stay
    print(tree.begin(np.array([3, 1, 4, 2]))[0].table, pool.n_free)
    ```

    ```text
    [0] 2
    ```
    """

    def __init__(self, pools: Sequence[PagePool]) -> None:
        """Begin with nothing kept."""
        self.pools = tuple(pools)
        self.nodes: dict[bytes, Node] = {}  # the least recently used first

    def begin(self, tokens: np.ndarray) -> list[PagedCache]:
        """Begin a text with all the pages that are known of it.

        Its last token is left out: it has to go through the model, for its logits are wanted.

        Args:
            tokens: integers `[T]`, the whole prompt.

        Returns:
            One cache a layer; `tokens[cache.length:]` is what the model still has to read.
        """
        known: list[Node] = []
        for name in page_names(tokens[:-1], self.pools[0].page_size):
            if name not in self.nodes:
                break
            self.nodes[name] = node = self.nodes.pop(name)  # the most recently used, last
            known.append(node)
        tables = [[node.pages[layer] for node in known] for layer in range(len(self.pools))]
        return [PagedCache(pool, table) for pool, table in zip(self.pools, tables, strict=True)]

    def keep(self, tokens: np.ndarray, caches: Sequence[PagedCache]) -> None:
        """Hold the full pages of a text, those that are not known already.

        Args:
            tokens: integers `[T]`, the text; as many of them as the caches have seen are used.
            caches: one a layer, of that text.
        """
        parent = b""
        for n, name in enumerate(page_names(tokens[: caches[0].length], self.pools[0].page_size)):
            if name not in self.nodes:
                self.nodes[name] = Node(tuple(cache.table[n] for cache in caches), parent)
                for cache in caches:
                    cache.pool.share(cache.table[n])
            parent = name

    def evict(self) -> bool:
        """Give up the page that was not used for the longest time, among leaves that no text holds.

        Returns:
            Whether there was one.
        """
        parents = {node.parent for node in self.nodes.values()}
        for name, node in self.nodes.items():
            if name not in parents and self.pools[0].holders[node.pages[0]] == 1:
                for pool, page in zip(self.pools, node.pages, strict=True):
                    pool.drop(page)
                del self.nodes[name]
                return True
        return False
        # --8<-- [end:PrefixTree]
