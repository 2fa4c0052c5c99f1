"""What the handbook teaches, as code: causal attention in small pure functions.

NumPy comes first and is written to be read. `torch_mirror` repeats the same names in torch; it is the only
module that imports torch, and nothing here imports it for you.

- `masks`: which keys each query may read
- `softmax`: scores to weights, and to log-probabilities
- `attention`: scaled dot-product attention, and many heads of it
- `gpt`: a small GPT, from embeddings to logits
- `blockwise`: attention in blocks, with an online softmax
- `cache`: keys and values that are kept, all or a window of them, and decoding with them
- `calculator`: what attention costs, counted before it is run
- `rope`: rotary positions
- `groups`: several query heads that share their keys and values
- `latent`: one short vector a token, from which all heads have their keys and values
- `quantised`: keys and values in eight bits or fewer
- `decoder`: a small GPT with rotary positions and groups, with any mask, and with or without a cache
- `next_token`: shifted labels and their loss
- `training`: a small model, its gradients by hand, and Adam
- `predicates`: masks as rules that compose: windows, padding, documents, trees
- `influence`: which inputs move which outputs
- `sensitivity`: how strongly, by derivative
- `sampling`: from logits to a token, and from tokens to a text
- `speculation`: tokens that a draft guesses and the target verifies
- `shapes`: contracts between shapes, checked while the code runs
- `torch_mirror`: masks, softmax and attention again, in torch

The names of axes are those of common code: B batch, H heads, T length, L queries and S keys where they differ
(as in PyTorch's documentation), d_model, d_head, V vocabulary. Positions count from zero.
"""
