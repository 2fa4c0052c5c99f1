"""Cases that need torch: flags, modes, modules as they come."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from .parts import D, V


class Hint(nn.Module):
    """https://github.com/pytorch/pytorch/issues/96941: `is_causal` without a mask, which evaluation ignores."""

    def __init__(self):
        super().__init__()
        with torch.random.fork_rng():
            torch.manual_seed(0)
            self.encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(D, 2, 32, batch_first=True), 2)

    def forward(self, x):
        return self.encoder(x, is_causal=not self.training)


class Decoder(nn.Module):
    """https://github.com/osaurus-ai/vmlx-swift/issues/185: the helper that makes the mask returns None."""

    def __init__(self, causal=False, causal_in_training=None, dropout=0.0):
        super().__init__()
        self.causal, self.in_training, self.dropout = causal, causal_in_training, dropout
        with torch.random.fork_rng():
            torch.manual_seed(0)
            self.words, self.out = nn.Embedding(V, D), nn.Linear(D, V)
            self.layers = nn.ModuleList(nn.Linear(D, 3 * D) for _ in range(2))

    def forward(self, ids, cache=None):
        x, kept = self.words(ids), []
        for n, layer in enumerate(self.layers):
            q, k, v = layer(x).chunk(3, -1)
            if cache is not None:
                k, v = torch.cat([cache[n][0], k], 1), torch.cat([cache[n][1], v], 1)
            kept.append((k, v))
            causal = self.causal if self.in_training is None or not self.training else self.in_training
            mask = (
                torch.ones(q.shape[1], k.shape[1], dtype=torch.bool).tril(k.shape[1] - q.shape[1]) if causal else None
            )
            x = x + functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        return self.out(functional.dropout(x, self.dropout, self.training)), kept


class FastPathOnly(Decoder):
    """https://github.com/keras-team/keras/issues/23038: with dropout the fused path is off, and the mask with it."""

    def __init__(self):
        super().__init__(causal=True, causal_in_training=False, dropout=0.1)


class TrainingOnly(Decoder):
    """The mask is tied to the mode: right while training, open afterwards."""

    def __init__(self):
        super().__init__(causal=False, causal_in_training=True)
