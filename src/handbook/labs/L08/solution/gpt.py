"""A small GPT in one file: model, batches, loss, training, evaluation and sampling.

Token 0 is PAD. It fills texts up to a common length, always at their end; nothing is learned from it.
"""

import math
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F

PAD = 0


@dataclass
class Config:
    """The sizes of a model; `context` is the length of the longest text that it reads."""

    vocab_size: int = 17
    context: int = 16
    d_model: int = 32
    n_heads: int = 2
    n_layers: int = 2
    dropout: float = 0.0


class LayerNorm(nn.Module):
    """Each vector to mean 0 and variance 1 over its features; then a gain and a bias."""

    def __init__(self, d_model):
        super().__init__()
        self.gain = nn.Parameter(torch.ones(d_model))
        self.bias = nn.Parameter(torch.zeros(d_model))

    def forward(self, x):
        mean = x.mean(dim=-1, keepdim=True)
        variance = ((x - mean) ** 2).mean(dim=-1, keepdim=True)
        return self.gain * (x - mean) / torch.sqrt(variance + 1e-5) + self.bias


class CausalSelfAttention(nn.Module):
    """Multi-head attention in which a token reads itself and those before it."""

    def __init__(self, config):
        super().__init__()
        self.n_heads = config.n_heads
        self.qkv = nn.Linear(config.d_model, 3 * config.d_model)
        self.out = nn.Linear(config.d_model, config.d_model)
        self.dropout = nn.Dropout(config.dropout)
        allowed = torch.tril(torch.ones(config.context, config.context, dtype=torch.bool))
        self.register_buffer("allowed", allowed, persistent=False)

    def forward(self, x):
        B, T, d_model = x.shape
        d_head = d_model // self.n_heads
        q, k, v = self.qkv(x).split(d_model, dim=-1)
        q = q.view(B, T, self.n_heads, d_head).transpose(1, 2)  # [B, H, T, d_head]
        k = k.view(B, T, self.n_heads, d_head).transpose(1, 2)
        v = v.view(B, T, self.n_heads, d_head).transpose(1, 2)
        scores = q @ k.transpose(-2, -1) / math.sqrt(d_head)  # [B, H, T, T]
        scores = scores.masked_fill(~self.allowed[:T, :T], float("-inf"))
        weights = self.dropout(scores.softmax(dim=-1))
        heads = weights @ v  # [B, H, T, d_head]
        return self.out(heads.transpose(1, 2).reshape(B, T, d_model))


class MLP(nn.Module):
    """Four times as wide inside, with a GELU."""

    def __init__(self, config):
        super().__init__()
        self.up = nn.Linear(config.d_model, 4 * config.d_model)
        self.down = nn.Linear(4 * config.d_model, config.d_model)

    def forward(self, x):
        return self.down(F.gelu(self.up(x)))


class Block(nn.Module):
    """Attention, then the MLP; each reads a normalised copy of the residual stream and adds to the stream itself."""

    def __init__(self, config):
        super().__init__()
        self.norm_1 = LayerNorm(config.d_model)
        self.attention = CausalSelfAttention(config)
        self.norm_2 = LayerNorm(config.d_model)
        self.mlp = MLP(config)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x):
        x = x + self.dropout(self.attention(self.norm_1(x)))
        x = x + self.dropout(self.mlp(self.norm_2(x)))
        return x


class GPT(nn.Module):
    """Tokens `[B, T]` to logits `[B, T, vocab_size]`; T is at most `config.context`."""

    def __init__(self, config):
        super().__init__()
        self.config = config
        self.token_embedding = nn.Embedding(config.vocab_size, config.d_model)
        self.position_embedding = nn.Embedding(config.context, config.d_model)
        self.blocks = nn.ModuleList([Block(config) for _ in range(config.n_layers)])
        self.norm = LayerNorm(config.d_model)
        self.head = nn.Linear(config.d_model, config.vocab_size, bias=False)

    def hidden(self, tokens):
        """The vectors `[B, T, d_model]` that the head reads."""
        x = self.token_embedding(tokens) + self.position_embedding(torch.arange(tokens.shape[1]))  # [B, T, d_model]
        for block in self.blocks:
            x = block(x)
        return self.norm(x)

    def forward(self, tokens):
        return self.head(self.hidden(tokens))


def get_batch(data, starts, T):
    """Inputs and targets `[B, T]`, cut out of `data` from each start on; a target is the token after its input."""
    inputs = torch.stack([data[i : i + T] for i in starts])
    targets = torch.stack([data[i + 1 : i + T + 1] for i in starts])
    return inputs, targets


def loss_of(logits, targets):
    """The mean cross-entropy in nats over the targets that are not PAD."""
    return F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=PAD)


def make_optimizer(model, lr, weight_decay):
    """AdamW; weight decay for matrices and embeddings, and none for gains and biases."""
    decayed = [p for p in model.parameters() if p.dim() >= 2]
    others = [p for p in model.parameters() if p.dim() < 2]
    groups = [{"params": decayed, "weight_decay": weight_decay}, {"params": others, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=lr)


def lr_at(step, steps, lr, warmup):
    """Up in a straight line to `lr` within the first `warmup` steps, then down to zero along a half cosine."""
    if step < warmup:
        return lr * (step + 1) / warmup
    return lr * 0.5 * (1 + math.cos(math.pi * (step - warmup) / (steps - warmup)))


def train_step(model, optimizer, batches, lr, clip=1.0):
    """One update from the mean gradient of several batches of one size, its norm at most `clip`; the mean loss."""
    for group in optimizer.param_groups:
        group["lr"] = lr
    optimizer.zero_grad()
    total = 0.0
    for inputs, targets in batches:
        loss = loss_of(model(inputs), targets) / len(batches)
        loss.backward()
        total += loss.item()
    nn.utils.clip_grad_norm_(model.parameters(), clip)
    optimizer.step()
    return total


def train(model, data, steps, batch_size=32, lr=1e-2, warmup=20, weight_decay=0.1):
    """Train on texts cut out of `data` at random; the loss of each step."""
    T = model.config.context
    optimizer = make_optimizer(model, lr, weight_decay)
    model.train()
    losses = []
    for step in range(steps):
        starts = torch.randint(len(data) - T, (2, batch_size // 2))
        batches = [get_batch(data, row, T) for row in starts.tolist()]
        losses.append(train_step(model, optimizer, batches, lr_at(step, steps, lr, warmup)))
    return losses


@torch.no_grad()
def evaluate(model, inputs, targets, batch_size=8):
    """The mean loss over all targets `[N, T]` that are not PAD, without dropout; the model is then in training mode."""
    model.eval()
    total, count = 0.0, 0
    for i in range(0, len(inputs), batch_size):
        part = targets[i : i + batch_size]
        n = (part != PAD).sum().item()
        total += loss_of(model(inputs[i : i + batch_size]), part).item() * n
        count += n
    model.train()
    return total / count


def next_probabilities(logits, temperature=1.0, top_k=None):
    """Logits `[B, vocab_size]` to probabilities: divided by the temperature; of each row, the `top_k` largest alone."""
    logits = logits / temperature
    if top_k is not None:
        smallest = logits.topk(top_k, dim=-1).values[:, -1:]  # [B, 1]
        logits = logits.masked_fill(logits < smallest, float("-inf"))
    return logits.softmax(dim=-1)


@torch.no_grad()
def generate(model, tokens, n, temperature=1.0, top_k=None):
    """Texts `[B, T]` and n sampled tokens after each, `[B, T + n]`, without dropout; then in training mode again.

    A text may be longer than the context: the model then reads its last tokens.
    """
    model.eval()
    for _ in range(n):
        logits = model(tokens[:, -model.config.context :])[:, -1]  # [B, vocab_size]
        probabilities = next_probabilities(logits, temperature, top_k)
        chosen = torch.multinomial(probabilities, num_samples=1)  # [B, 1]
        tokens = torch.cat([tokens, chosen], dim=1)
    model.train()
    return tokens


# Part two: a KV cache --------------------------------------------------------------------------------------------


def new_cache(model, batch_size):
    """An empty cache for texts of up to `config.context` tokens; what it is made of is yours to choose."""
    config = model.config
    shape = (2, batch_size, config.n_heads, config.context, config.d_model // config.n_heads)
    dtype = model.head.weight.dtype
    return {"length": 0, "layers": [torch.zeros(shape, dtype=dtype) for _ in model.blocks]}


@torch.no_grad()
def read(model, tokens, cache):
    """Logits `[B, L, vocab_size]` of L tokens after those in the cache, which then holds theirs too; L is 1 or more."""
    start, L = cache["length"], tokens.shape[1]
    end = start + L
    x = model.token_embedding(tokens) + model.position_embedding(torch.arange(start, end))  # [B, L, d_model]
    for block, kept in zip(model.blocks, cache["layers"], strict=True):
        x = x + _read_attention(block.attention, block.norm_1(x), kept, start, end)
        x = x + block.mlp(block.norm_2(x))
    cache["length"] = end
    return model.head(model.norm(x))


def _read_attention(attention, x, kept, start, end):
    B, L, d_model = x.shape
    q, k, v = attention.qkv(x).view(B, L, 3, attention.n_heads, -1).permute(2, 0, 3, 1, 4)  # each [B, H, L, d_head]
    kept[:, :, :, start:end] = torch.stack([k, v])
    k, v = kept[:, :, :, :end]  # [B, H, S, d_head]: what lies behind `end` is never read
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])  # [B, H, L, S]
    scores = scores.masked_fill(~attention.allowed[start:end, :end], float("-inf"))
    return attention.out((scores.softmax(dim=-1) @ v).transpose(1, 2).reshape(B, L, d_model))


def roll_back(cache, length):
    """Forget the tokens from position `length` on, as if they had never been read; return the cache, changed or new."""
    return {**cache, "length": length}


# Part three: a classifier ----------------------------------------------------------------------------------------


def classify(model, head, tokens):
    """Scores `[B, n_classes]`: what `head` makes of the hidden vector of each text's last token that is not PAD."""
    last = (tokens != PAD).sum(dim=1) - 1  # [B]
    return head(model.hidden(tokens)[torch.arange(len(tokens)), last])
