"""A cache in pages: many texts in one pool, with pages that are shared, copied before a write, and given back."""

import numpy as np

from minimodel.softmax import softmax


class Pool:
    """The pages of one layer, for all texts together.

    Write into `keys` and `values`, and do not replace them. How the rest is kept is yours to choose.
    """

    def __init__(self, n_pages, page_size, n_heads, d_head):
        self.page_size = page_size  # tokens in a page
        self.keys = np.zeros((n_pages, n_heads, page_size, d_head))
        self.values = np.zeros((n_pages, n_heads, page_size, d_head))
        # Here: which pages are free, and how many tables hold each page.


class Text:
    """One text. Its token t lies in page `table[t // page_size]`, in row `t % page_size`."""

    def __init__(self):
        self.table = []  # the block table: numbers of pages, in the order of the text
        self.length = 0  # number of tokens


def n_free(pool):
    """The number of pages that no table holds."""
    raise NotImplementedError


def take(pool):
    """The number of a page that was free, and that one table holds from now on. MemoryError where none is free."""
    raise NotImplementedError


def share(pool, page):
    """One table more holds the page."""
    raise NotImplementedError


def drop(pool, page):
    """One table less holds the page; when none does, it is free."""
    raise NotImplementedError


def append(pool, text, k, v):
    """Write keys and values `[H, L, d_head]` of the next L tokens of a text into pages.

    A page is taken when the text has a token for it, and not before. Before a write, a page that other tables hold
    as well is copied, once, and only then. Where the free pages do not suffice: MemoryError, and nothing has changed.
    """
    raise NotImplementedError


def attend(pool, text, q):
    """Queries `[H, L, d_head]` of the newest L tokens to outputs `[H, L, d_head]`; the keys are found by the table.

    Each query reads its own token and all before it in its text, and nothing else that a page may hold.
    """
    raise NotImplementedError


def free(pool, text):
    """Give back the pages of a text, which is empty afterwards and may be used again."""
    raise NotImplementedError


def fork(pool, text):
    """A second text that begins as this one does, in the same pages: no key and no value is copied."""
    raise NotImplementedError


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
