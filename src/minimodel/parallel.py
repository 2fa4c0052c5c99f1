"""One model on several devices: a block cut by its heads, and a text cut so that each device has as much to do."""

from dataclasses import replace

import numpy as np

from minimodel.gpt import BlockWeights


# --8<-- [start:shards]
def shards(weights: BlockWeights, n_devices: int) -> list[BlockWeights]:
    """Cut a block's matrices for tensor parallelism: one share of its heads, and of its MLP, for each device.

    What goes into attention and MLP is cut by columns, what comes out of them by rows. So no device needs anything
    of another until the end, where the sum of their outputs is the output of the whole.

    Args:
        weights: the block; the number of its heads divides by the number of devices.
        n_devices: how many devices share it.

    Returns:
        A block for each device: `W_q`, `W_k`, `W_v` are `[d_model, d_model / n]`, `W_o` is `[d_model / n, d_model]`,
        `W_in` `[d_model, d_ff / n]` and `W_out` `[d_ff / n, d_model]`. Each has both gains whole.

    Raises:
        ValueError: a matrix does not divide by the number of devices.

    Source: Shoeybi et al., 2019, section 3.

    ```python
    import numpy as np
    from minimodel.gpt import draw_block
    from minimodel.parallel import shards

    block = draw_block(np.random.default_rng(0), d_model=8, d_kv=8, std=0.5)
    print([(one.W_q.shape, one.W_o.shape) for one in shards(block, 2)])
    ```

    ```text
    [((8, 4), (4, 8)), ((8, 4), (4, 8))]
    ```
    """
    columns = {name: np.split(getattr(weights, name), n_devices, axis=1) for name in ("W_q", "W_k", "W_v", "W_in")}
    rows = {name: np.split(getattr(weights, name), n_devices, axis=0) for name in ("W_o", "W_out")}
    cut = columns | rows
    return [replace(weights, **{name: parts[device] for name, parts in cut.items()}) for device in range(n_devices)]
    # --8<-- [end:shards]


# --8<-- [start:zigzag]
def zigzag(T: int, n_devices: int) -> list[np.ndarray]:
    """Share a text's positions out for context parallelism: an early and a late chunk for each device.

    Under a causal mask a late row reads more keys than an early one. A chunk from the front together with its
    counterpart from the back has as many open cells as any other such pair.

    Args:
        T: length of the text, a multiple of twice the number of devices.
        n_devices: how many devices share it.

    Returns:
        The positions of each device, each `[T / n_devices]`, int, rising.

    Raises:
        ValueError: T does not divide into two chunks for each device.

    ```python
    from minimodel.parallel import zigzag

    print([one.tolist() for one in zigzag(8, 2)])
    ```

    ```text
    [[0, 1, 6, 7], [2, 3, 4, 5]]
    ```
    """
    chunks = np.split(np.arange(T), 2 * n_devices)
    return [np.concatenate([chunks[device], chunks[-1 - device]]) for device in range(n_devices)]
    # --8<-- [end:zigzag]
