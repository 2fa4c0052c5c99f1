"""Continuous batching, simulated: which tokens of which text go through the model in each pass."""

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple


class Request(NamedTuple):
    """What somebody asks for."""

    prompt: int  # tokens that are known from the start, at least one
    new: int  # tokens to generate, at least one


class Pass(NamedTuple):
    """What goes through the model at once."""

    tokens: dict[int, int]  # of each request in the pass, by its number: how many tokens
    preempted: tuple[int, ...]  # requests that lost their pages


# --8<-- [start:serve]
def serve(
    requests: Sequence[Request],
    *,
    slots: int,
    refill: bool = True,
    budget: float = float("inf"),
    page_size: int = 1,
    n_pages: float = float("inf"),
) -> list[Pass]:
    """Simulate a server: who takes part in each pass of the model, and with how many tokens.

    A pass reads all tokens of a request that are known and not in its cache yet, as far as the budget goes; one
    that has read them all gives one new token. Who came first is served first, decoding goes before prompts, and
    where a page is missing, whoever came last is preempted: its cache is lost, and will be computed again.

    Args:
        requests: in the order in which they came.
        slots: how many may be served at once.
        refill: whether a slot is filled again as soon as it is empty, or only when all of them are.
        budget: tokens a pass may hold, prompts and decoding together.
        page_size: tokens in a page.
        n_pages: pages for all of them.

    Returns:
        The passes, in order.

    Raises:
        ValueError: a number is too small, or a request does not fit into the pages even alone.

    Source: Yu et al., 2022, for joining and leaving at each pass; Agrawal et al., 2024, for prompts in chunks beside
    decoding; Kwon et al., 2023, section 4.5, for preemption.

    ```python
    from minimodel.scheduler import Request, serve

    passes = serve([Request(1, 3), Request(4, 1), Request(1, 2)], slots=2)
    print([one.tokens for one in passes])
    ```

    ```text
    [{0: 1, 1: 4}, {0: 1, 2: 1}, {0: 1, 2: 1}]
    ```
    """
    known = [one.prompt for one in requests]  # tokens that exist
    cached = [0] * len(requests)  # tokens whose keys and values are kept
    waiting, running = deque(range(len(requests))), list[int]()
    passes = list[Pass]()

    def fits(one: int, wanted: int) -> bool:
        after = [*cached, cached[one] + wanted]
        after[one] = 0  # its new length stands at the end
        return sum(-(-length // page_size) for length in after) <= n_pages

    check_requests(requests, slots, budget, page_size, n_pages)
    while waiting or running:
        if refill or not running:
            while waiting and len(running) < slots and fits(waiting[0], known[waiting[0]]):
                running.append(waiting.popleft())
        running.sort()  # who came first is first, after a preemption too
        tokens, preempted = dict[int, int](), list[int]()
        for one in sorted(running, key=lambda one: known[one] - cached[one] > 1):  # who decodes goes first
            wanted = int(min(known[one] - cached[one], budget - sum(tokens.values())))
            while one in running and not fits(one, wanted):
                last = running.pop()  # whoever came last, and that may be this one
                waiting.appendleft(last)
                preempted.append(last)
                tokens.pop(last, 0)
                cached[last] = 0
            if one in running and wanted:
                tokens[one] = wanted
                cached[one] += wanted
        for one in tokens:
            if cached[one] == known[one]:
                known[one] += 1  # its last row gives a token
            if known[one] == sum(requests[one]):
                running.remove(one)
                cached[one] = 0  # done: its pages are free
        passes.append(Pass(tokens, tuple(preempted)))
    return passes
    # --8<-- [end:serve]


def check_requests(requests: Sequence[Request], slots: int, budget: float, page_size: int, n_pages: float) -> None:
    """Refuse numbers with which nothing would ever be served."""
    if min(slots, budget, page_size, *(size for one in requests for size in one)) < 1:
        raise ValueError(
            f"slots = {slots}, budget = {budget}, page_size = {page_size}, and each prompt and each number of new "
            "tokens is at least 1"
        )
    for number, one in enumerate(requests):
        needed = -(-(sum(one) - 1) // page_size)  # the last token is output, and not kept
        if needed > n_pages:
            raise ValueError(f"request {number} needs {needed} pages in the end, and there are {n_pages}")
