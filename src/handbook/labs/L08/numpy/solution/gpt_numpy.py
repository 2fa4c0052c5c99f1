"""A small GPT in one file of NumPy: model, gradients, batches, loss, training, evaluation and sampling.

Token 0 is PAD. It fills texts up to a common length, always at their end; nothing is learned from it.

A step forward returns its result and a function, the way back: from the gradient with respect to the result to the
one with respect to what went in. On its way it adds the gradients of weights to `model.gradients`.
"""

import math
from dataclasses import dataclass

import numpy as np

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


def new_weights(config, rng):
    """Matrices `[out, in]` and embeddings by chance, gains one, biases zero."""
    d_model, weights = config.d_model, {}

    def add(name, rows, columns, biased=True):
        weights[f"{name}.weight"] = rng.normal(0, 1 / math.sqrt(columns), (rows, columns))
        if biased:
            weights[f"{name}.bias"] = np.zeros(rows)

    add("token_embedding", config.vocab_size, d_model, biased=False)
    add("position_embedding", config.context, d_model, biased=False)
    for i in range(config.n_layers):
        add(f"blocks.{i}.attention.qkv", 3 * d_model, d_model)
        add(f"blocks.{i}.attention.out", d_model, d_model)
        add(f"blocks.{i}.mlp.up", 4 * d_model, d_model)
        add(f"blocks.{i}.mlp.down", d_model, 4 * d_model)
    for norm in [f"blocks.{i}.norm_{n}" for i in range(config.n_layers) for n in (1, 2)] + ["norm"]:
        weights[f"{norm}.gain"], weights[f"{norm}.bias"] = np.ones(d_model), np.zeros(d_model)
    add("head", config.vocab_size, d_model, biased=False)
    return weights


def softmax(x, axis):
    """Positive numbers that sum to 1 along an axis."""
    powers = np.exp(x - x.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


def split_heads(x, n_heads):
    """`[B, T, d_model]` to `[B, H, T, d_head]`."""
    B, T, d_model = x.shape
    return x.reshape(B, T, n_heads, d_model // n_heads).swapaxes(1, 2)


def merge_heads(x):
    """`[B, H, T, d_head]` to `[B, T, d_model]`."""
    B, H, T, d_head = x.shape
    return x.swapaxes(1, 2).reshape(B, T, H * d_head)


class GPT:
    """Tokens `[B, T]` to logits `[B, T, vocab_size]`; T is at most `config.context`.

    `weights` has an array for each name, and `gradients` one of the same shape. Dropout is on while `training` is.
    """

    def __init__(self, config, seed=0):
        self.config, self.training = config, True
        self.rng = np.random.default_rng(seed)
        self.weights = new_weights(config, self.rng)
        self.gradients = {name: np.zeros_like(value) for name, value in self.weights.items()}

    def linear(self, name, x):
        """Each vector times a matrix, plus a bias where there is one."""
        W, bias = self.weights[f"{name}.weight"], self.weights.get(f"{name}.bias", 0.0)

        def backward(d_y):
            rows, d_rows = x.reshape(-1, x.shape[-1]), d_y.reshape(-1, d_y.shape[-1])
            self.gradients[f"{name}.weight"] += d_rows.T @ rows
            if f"{name}.bias" in self.gradients:
                self.gradients[f"{name}.bias"] += d_rows.sum(axis=0)
            return d_y @ W

        return x @ W.T + bias, backward

    def dropout(self, x):
        """In training, each number is zero with the chance `config.dropout`, and is scaled up otherwise."""
        p = self.config.dropout
        if not self.training or p == 0:
            return x, lambda d_y: d_y
        kept = (self.rng.random(x.shape) >= p) / (1 - p)
        return x * kept, lambda d_y: d_y * kept

    def layer_norm(self, name, x):
        """Each vector to mean 0 and variance 1 over its features; then a gain and a bias."""
        gain, bias = self.weights[f"{name}.gain"], self.weights[f"{name}.bias"]
        mean = x.mean(axis=-1, keepdims=True)
        variance = ((x - mean) ** 2).mean(axis=-1, keepdims=True)
        spread = np.sqrt(variance + 1e-5)
        normed = (x - mean) / spread

        def backward(d_y):
            self.gradients[f"{name}.gain"] += (d_y * normed).sum(axis=(0, 1))
            self.gradients[f"{name}.bias"] += d_y.sum(axis=(0, 1))
            d = d_y * gain
            along = (d * normed).mean(axis=-1, keepdims=True)
            return (d - d.mean(axis=-1, keepdims=True) - normed * along) / spread

        return gain * normed + bias, backward

    def attention(self, name, x):
        """Multi-head attention in which a token reads itself and those before it."""
        T, d_model = x.shape[1:]
        n_heads = self.config.n_heads
        d_head = d_model // n_heads
        qkv, qkv_back = self.linear(f"{name}.qkv", x)
        q, k, v = (split_heads(one, n_heads) for one in np.split(qkv, 3, axis=-1))  # [B, H, T, d_head]
        scores = q @ k.swapaxes(-2, -1) / math.sqrt(d_head)  # [B, H, T, T]
        allowed = np.tril(np.ones((T, T), dtype=bool))
        scores = np.where(allowed, scores, -np.inf)
        weights = softmax(scores, axis=-1)
        dropped, dropout_back = self.dropout(weights)
        heads = dropped @ v  # [B, H, T, d_head]
        output, out_back = self.linear(f"{name}.out", merge_heads(heads))

        def backward(d_output):
            d_heads = split_heads(out_back(d_output), n_heads)  # [B, H, T, d_head]
            d_v = dropped.swapaxes(-2, -1) @ d_heads
            d_weights = dropout_back(d_heads @ v.swapaxes(-2, -1))  # [B, H, T, T]
            mean = (weights * d_weights).sum(axis=-1, keepdims=True)
            d_scores = weights * (d_weights - mean) / math.sqrt(d_head)
            d_q = d_scores @ k
            d_k = d_scores.swapaxes(-2, -1) @ q
            return qkv_back(np.concatenate([merge_heads(d_q), merge_heads(d_k), merge_heads(d_v)], axis=-1))

        return output, backward

    def mlp(self, name, x):
        """Four times as wide inside, with a GELU, in the form with a tanh."""
        x, up_back = self.linear(f"{name}.up", x)
        tanh = np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))
        output, down_back = self.linear(f"{name}.down", 0.5 * x * (1 + tanh))

        def backward(d_output):
            d_tanh = (1 - tanh**2) * math.sqrt(2 / math.pi) * (1 + 3 * 0.044715 * x**2)
            return up_back(down_back(d_output) * (0.5 * (1 + tanh) + 0.5 * x * d_tanh))

        return output, backward

    def block(self, name, x):
        """Attention, then the MLP; each reads a normalised copy of the stream and adds to the stream itself."""
        normed, norm_1_back = self.layer_norm(f"{name}.norm_1", x)
        read, attention_back = self.attention(f"{name}.attention", normed)
        read, dropout_1_back = self.dropout(read)
        x = x + read
        normed, norm_2_back = self.layer_norm(f"{name}.norm_2", x)
        made, mlp_back = self.mlp(f"{name}.mlp", normed)
        made, dropout_2_back = self.dropout(made)
        x = x + made

        def backward(d_x):
            d_x = d_x + norm_2_back(mlp_back(dropout_2_back(d_x)))
            d_x = d_x + norm_1_back(attention_back(dropout_1_back(d_x)))
            return d_x

        return x, backward

    def hidden(self, tokens):
        """The vectors `[B, T, d_model]` that the head reads."""
        T = tokens.shape[1]
        x = self.weights["token_embedding.weight"][tokens] + self.weights["position_embedding.weight"][:T]
        backs = []
        for i in range(self.config.n_layers):
            x, back = self.block(f"blocks.{i}", x)
            backs.append(back)
        x, back = self.layer_norm("norm", x)
        backs.append(back)

        def backward(d_x):
            for back in reversed(backs):
                d_x = back(d_x)
            np.add.at(self.gradients["token_embedding.weight"], tokens, d_x)
            self.gradients["position_embedding.weight"][:T] += d_x.sum(axis=0)

        return x, backward

    def forward(self, tokens):
        """The logits, and the way back to the gradients of all weights."""
        x, hidden_back = self.hidden(tokens)
        logits, head_back = self.linear("head", x)
        return logits, lambda d_logits: hidden_back(head_back(d_logits))


def get_batch(data, starts, T):
    """Inputs and targets `[B, T]`, cut out of `data` from each start on; a target is the token after its input."""
    inputs = np.stack([data[i : i + T] for i in starts])
    targets = np.stack([data[i + 1 : i + T + 1] for i in starts])
    return inputs, targets


def loss_of(logits, targets):
    """The mean cross-entropy in nats over the targets that are not PAD, and its gradient `[B, T, vocab_size]`."""
    counted = targets != PAD  # [B, T]
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))  # [B, T, vocab_size]
    of_target = np.take_along_axis(log_p, targets[..., None], axis=-1)[..., 0]  # [B, T]
    loss = -of_target[counted].mean()
    d_logits = np.exp(log_p) - np.eye(logits.shape[-1])[targets]
    return loss, d_logits * counted[..., None] / counted.sum()


class AdamW:
    """Against the running mean of the gradient, divided by the root of that of its square; decay apart from both.

    `decays` has the decay of each weight. A step changes the weights in place.
    """

    def __init__(self, model, decays, lr, keep=0.9, keep_square=0.999):
        self.model, self.decays, self.lr = model, decays, lr
        self.keep, self.keep_square, self.taken = keep, keep_square, 0
        self.means = {name: np.zeros_like(value) for name, value in model.weights.items()}
        self.squares = {name: np.zeros_like(value) for name, value in model.weights.items()}

    def step(self):
        """One update from the gradients that the model holds."""
        self.taken += 1
        for name, weight in self.model.weights.items():
            gradient = self.model.gradients[name]
            self.means[name] = self.keep * self.means[name] + (1 - self.keep) * gradient
            self.squares[name] = self.keep_square * self.squares[name] + (1 - self.keep_square) * gradient**2
            mean = self.means[name] / (1 - self.keep**self.taken)  # it began at zero
            square = self.squares[name] / (1 - self.keep_square**self.taken)
            weight -= self.lr * (mean / (np.sqrt(square) + 1e-8) + self.decays[name] * weight)


def make_optimizer(model, lr, weight_decay):
    """AdamW that keeps 0.9 and 0.999; weight decay for matrices and embeddings, and none for gains and biases."""
    decays = {name: weight_decay if value.ndim >= 2 else 0.0 for name, value in model.weights.items()}
    return AdamW(model, decays, lr)


def lr_at(step, steps, lr, warmup):
    """Up in a straight line to `lr` within the first `warmup` steps, then down to zero along a half cosine."""
    if step < warmup:
        return lr * (step + 1) / warmup
    return lr * 0.5 * (1 + math.cos(math.pi * (step - warmup) / (steps - warmup)))


def train_step(model, optimizer, batches, lr, clip=1.0):
    """One update from the mean gradient of several batches of one size, its norm at most `clip`; the mean loss."""
    optimizer.lr = lr
    for gradient in model.gradients.values():
        gradient[...] = 0
    total = 0.0
    for inputs, targets in batches:
        logits, backward = model.forward(inputs)
        loss, d_logits = loss_of(logits, targets)
        backward(d_logits / len(batches))
        total += loss / len(batches)
    norm = math.sqrt(sum((gradient**2).sum() for gradient in model.gradients.values()))
    for gradient in model.gradients.values():
        gradient *= min(1.0, clip / (norm + 1e-6))
    optimizer.step()
    return total


def train(model, data, steps, batch_size=32, lr=1e-2, warmup=20, weight_decay=0.1):
    """Train on texts cut out of `data` at random; the loss of each step."""
    T = model.config.context
    optimizer = make_optimizer(model, lr, weight_decay)
    model.training = True
    losses = []
    for step in range(steps):
        starts = model.rng.integers(len(data) - T, size=(2, batch_size // 2))
        batches = [get_batch(data, row, T) for row in starts]
        losses.append(train_step(model, optimizer, batches, lr_at(step, steps, lr, warmup)))
    return losses


def evaluate(model, inputs, targets, batch_size=8):
    """The mean loss over all targets `[N, T]` that are not PAD, without dropout; the model is then in training mode."""
    model.training = False
    total, count = 0.0, 0
    for i in range(0, len(inputs), batch_size):
        part = targets[i : i + batch_size]
        n = (part != PAD).sum()
        logits, _ = model.forward(inputs[i : i + batch_size])
        total += loss_of(logits, part)[0] * n
        count += n
    model.training = True
    return total / count


def next_probabilities(logits, temperature=1.0, top_k=None):
    """Logits `[B, vocab_size]` to probabilities: divided by the temperature; of each row, the `top_k` largest alone."""
    logits = logits / temperature
    if top_k is not None:
        smallest = np.sort(logits, axis=-1)[:, -top_k, None]  # [B, 1]
        logits = np.where(logits < smallest, -np.inf, logits)
    return softmax(logits, axis=-1)


def generate(model, tokens, n, temperature=1.0, top_k=None):
    """Texts `[B, T]` and n sampled tokens after each, `[B, T + n]`, without dropout; then in training mode again.

    A text may be longer than the context: the model then reads its last tokens.
    """
    model.training = False
    for _ in range(n):
        logits = model.forward(tokens[:, -model.config.context :])[0][:, -1]  # [B, vocab_size]
        probabilities = next_probabilities(logits, temperature, top_k)
        chosen = [model.rng.choice(len(row), p=row) for row in probabilities]
        tokens = np.concatenate([tokens, np.array(chosen)[:, None]], axis=1)
    model.training = True
    return tokens


# Part two: a KV cache --------------------------------------------------------------------------------------------


def new_cache(model, batch_size):
    """An empty cache for texts of up to `config.context` tokens; what it is made of is yours to choose."""
    config = model.config
    shape = (2, batch_size, config.n_heads, config.context, config.d_model // config.n_heads)
    return {"length": 0, "layers": [np.zeros(shape) for _ in range(config.n_layers)]}


def read(model, tokens, cache):
    """Logits `[B, L, vocab_size]` of L tokens after those in the cache, which then holds theirs too; L is 1 or more.

    Without dropout, and with no way back.
    """
    start = cache["length"]
    end = start + tokens.shape[1]
    x = model.weights["token_embedding.weight"][tokens]  # [B, L, d_model]
    x = x + model.weights["position_embedding.weight"][start:end]
    for i, kept in enumerate(cache["layers"]):
        name = f"blocks.{i}"
        x = x + _read_attention(model, f"{name}.attention", model.layer_norm(f"{name}.norm_1", x)[0], kept, start, end)
        x = x + model.mlp(f"{name}.mlp", model.layer_norm(f"{name}.norm_2", x)[0])[0]
    cache["length"] = end
    return model.linear("head", model.layer_norm("norm", x)[0])[0]


def _read_attention(model, name, x, kept, start, end):
    qkv, _ = model.linear(f"{name}.qkv", x)
    q, k, v = (split_heads(one, model.config.n_heads) for one in np.split(qkv, 3, axis=-1))  # [B, H, L, d_head]
    kept[:, :, :, start:end] = k, v
    k, v = kept[:, :, :, :end]  # [B, H, S, d_head]: what lies behind `end` is never read
    scores = q @ k.swapaxes(-2, -1) / math.sqrt(q.shape[-1])  # [B, H, L, S]
    allowed = np.tri(end, dtype=bool)[start:]
    weights = softmax(np.where(allowed, scores, -np.inf), axis=-1)
    return model.linear(f"{name}.out", merge_heads(weights @ v))[0]


def roll_back(cache, length):
    """Forget the tokens from position `length` on, as if they had never been read; return the cache, changed or new."""
    return {**cache, "length": length}


# Part three: a classifier ----------------------------------------------------------------------------------------


def classify(model, head, tokens):
    """Scores `[B, n_classes]`: what `head` makes of the hidden vector of each text's last token that is not PAD."""
    last = (tokens != PAD).sum(axis=1) - 1  # [B]
    hidden, _ = model.hidden(tokens)
    return head(hidden[np.arange(len(tokens)), last])
