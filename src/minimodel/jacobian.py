"""The Jacobian beside the influence matrix: which inputs move which outputs, by derivative. It needs torch."""

from collections.abc import Callable

import torch
from torch.autograd.functional import jacobian as autograd_jacobian


# --8<-- [start:jacobian_reach]
def jacobian_reach(f: Callable[[torch.Tensor], torch.Tensor], x: torch.Tensor) -> torch.Tensor:
    """Take every derivative of every output, and record which are not zero.

    A derivative is exact where a perturbation rounds: in float64 it shows a leak of 1e-9. It sees only what
    gradients pass through: `detach` and integer tokens hide a leak from it. So neither replaces the other.

    Args:
        f: takes a tensor like `x` and gives `[T, ...]`; differentiable by autograd.
        x: `[T, ...]`, float64.

    Returns:
        A boolean tensor `[T, T]`: entry `[i, j]` is True when some feature of output i has a nonzero
        derivative with respect to some feature of input j.

    Raises:
        ValueError: `x` is not float64, in which small derivatives survive.

    ```python
    import torch
    from minimodel.jacobian import jacobian_reach

    x = torch.arange(3.0, dtype=torch.float64)
    print(jacobian_reach(lambda x: x.cumsum(0), x).int().numpy())
    ```

    ```text
    [[1 0 0]
     [1 1 0]
     [1 1 1]]
    ```
    """
    if x.dtype != torch.float64:
        raise ValueError(f"x is {x.dtype}; give float64, in which a small derivative is not rounded away")
    derivatives: torch.Tensor = autograd_jacobian(f, x)  # [T, ..., T, ...]
    outputs = derivatives.dim() - x.dim()
    T_out, T_in = derivatives.shape[0], derivatives.shape[outputs]
    by_token = derivatives.reshape(T_out, -1, T_in, x[0].numel())  # [T, features out, T, features in]
    moved: torch.Tensor = (by_token != 0).any(dim=3).any(dim=1)  # [T, T]
    return moved
    # --8<-- [end:jacobian_reach]
