"""A cache in pages: many texts in one pool, with pages that are shared, copied before a write, and given back."""

import numpy as np

from minimodel.softmax import softmax


class Pool:
    """The pages of one layer, for all texts together."""

    def __init__(self, n_pages, page_size, n_heads, d_head):
        self.page_size = page_size  # tokens in a page
        self.keys = np.zeros((n_pages, n_heads, page_size, d_head))
        self.values = np.zeros((n_pages, n_heads, page_size, d_head))
        self.free = list(range(n_pages))[::-1]  # any order will do
        self.holders = [0] * n_pages  # how many tables hold each page


class Text:
    """One text. Its token t lies in page `table[t // page_size]`, in row `t % page_size`."""

    def __init__(self):
        self.table = []  # the block table: numbers of pages, in the order of the text
        self.length = 0  # number of tokens


def n_free(pool):
    """The number of pages that no table holds."""
    return len(pool.free)


def take(pool):
    """The number of a page that was free, and that one table holds from now on. MemoryError where none is free."""
    if not pool.free:
        raise MemoryError("no page is free")
    page = pool.free.pop()
    pool.holders[page] = 1
    return page


def share(pool, page):
    """One table more holds the page."""
    pool.holders[page] += 1


def drop(pool, page):
    """One table less holds the page; when none does, it is free."""
    pool.holders[page] -= 1
    if pool.holders[page] == 0:
        pool.free.append(page)


def append(pool, text, k, v):
    """Write keys and values `[H, L, d_head]` of the next L tokens of a text into pages."""
    size, end = pool.page_size, text.length + k.shape[1]
    half = text.length % size > 0  # the last page has empty rows, and they are written to
    copied = half and pool.holders[text.table[-1]] > 1
    more = -(-end // size) - len(text.table)
    if copied + more > n_free(pool):  # before anything has changed
        raise MemoryError(f"{copied + more} pages are needed, and {n_free(pool)} are free")
    if copied:
        own, old = take(pool), text.table[-1]
        pool.keys[own], pool.values[own] = pool.keys[old], pool.values[old]
        drop(pool, old)
        text.table[-1] = own
    text.table += [take(pool) for _ in range(more)]
    for i, t in enumerate(range(text.length, end)):
        page, row = text.table[t // size], t % size
        pool.keys[page, :, row], pool.values[page, :, row] = k[:, i], v[:, i]
    text.length = end


def attend(pool, text, q):
    """Queries `[H, L, d_head]` of the newest L tokens to outputs `[H, L, d_head]`; the keys are found by the table."""
    k, v = (np.concatenate(pages[text.table], axis=1)[:, : text.length] for pages in (pool.keys, pool.values))
    keys = np.arange(text.length)
    queries = keys[-q.shape[1] :]  # [L] where the newest tokens stand
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1])  # [H, L, length]
    return softmax(np.where(queries[:, None] >= keys, scores, -np.inf)) @ v


def free(pool, text):
    """Give back the pages of a text, which is empty afterwards and may be used again."""
    for page in text.table:
        drop(pool, page)
    text.table, text.length = [], 0


def fork(pool, text):
    """A second text that begins as this one does, in the same pages: no key and no value is copied."""
    other = Text()
    other.table, other.length = list(text.table), text.length
    for page in other.table:
        share(pool, page)
    return other


if __name__ == "__main__":
    rng = np.random.default_rng(0)
    pool = Pool(n_pages=8, page_size=2, n_heads=1, d_head=4)
    a, used = Text(), []
    append(pool, a, *rng.normal(size=(2, 1, 3, 4)))
    used.append(8 - n_free(pool))
    b = fork(pool, a)
    used.append(8 - n_free(pool))
    append(pool, b, *rng.normal(size=(2, 1, 1, 4)))
    used.append(8 - n_free(pool))
    free(pool, a)
    used.append(8 - n_free(pool))
    print("pages in use:", used)
