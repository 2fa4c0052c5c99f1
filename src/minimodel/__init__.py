"""What the handbook teaches, as code: causal attention in small pure functions.

NumPy comes first and is written to be read. `torch_mirror` repeats the same names in torch; it is the only
module that imports torch, and nothing here imports it for you.

- `masks`: which keys each query may read
- `softmax`: scores to weights, and to log-probabilities
- `attention`: scaled dot-product attention, and many heads of it
- `block`: a small GPT, from embeddings to logits
- `next_token`: shifted labels and their loss
- `influence`: which inputs move which outputs
- `shapes`: contracts between shapes, checked while the code runs
- `torch_mirror`: masks, softmax and attention again, in torch

The names of axes are those of common code: B batch, H heads, T length, L queries and S keys where they differ
(as in PyTorch's documentation), d_model, d_head, V vocabulary. Positions count from zero.
"""
