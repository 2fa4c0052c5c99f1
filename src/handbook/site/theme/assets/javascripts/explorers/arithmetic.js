/* Lower Triangle: what the explorers compute. It mirrors minimodel, and a test compares the two on random inputs.
   Arrays are lists of rows. Nothing here touches the page. */
(() => {
  "use strict";

  /* ---- Floats of three widths ------------------------------------------------------------------------------ */

  const same = (x) => x;

  /* The nearest number of half precision, ties to even. */
  const half = (x) => {
    const size = Math.abs(x);
    if (!(size > 0)) return x;
    if (size >= 65520) return Math.sign(x) * Infinity;
    const unit = 2 ** (Math.max(Math.floor(Math.log2(size)), -14) - 10); // the distance to the next one
    const shift = unit * 2 ** 52; // beside it a double has no finer digits than the unit
    return Math.sign(x) * (size + shift - shift);
  };

  const ROUND = { float64: same, float32: Math.fround, float16: half };
  const LOWEST = { float64: -Number.MAX_VALUE, float32: (2 ** -23 - 2) * 2 ** 127, float16: -65504 };

  /* The result of one operation. As in NumPy, those of half precision are computed in single and then rounded. */
  const fit = (x, dtype) => (dtype === "float64" ? x : ROUND[dtype](Math.fround(x)));

  /* In NumPy's order: eight numbers in pairs, fewer one by one; those of half precision in single to the end. */
  const sum = (values, dtype = "float64") => {
    const add = dtype === "float64" ? (a, b) => a + b : (a, b) => Math.fround(a + b);
    const inPairs = ([a, b, ...rest]) => (b === undefined ? [] : [add(a, b), ...inPairs(rest)]);
    let parts = values;
    while (values.length === 8 && parts.length > 1) parts = inPairs(parts);
    return ROUND[dtype](parts.reduce(add));
  };

  /* ---- Masks ----------------------------------------------------------------------------------------------- */

  const causal = (q, k) => k <= q;
  const near = (W) => (q, k) => q - k < W; // minimodel's `window`
  const first = (n) => (q, k) => k < n;
  const documents = (ids) => (q, k) => ids[q] === ids[k];
  const allOf = (...rules) => (q, k) => rules.every((rule) => rule(q, k));
  const anyOf = (...rules) => (q, k) => rules.some((rule) => rule(q, k));

  /* One row a query, one column a key: whether it may be read. */
  const materialise = (rule, L, offset = 0) =>
    Array.from({ length: L }, (_, i) => Array.from({ length: offset + L }, (_, k) => rule(offset + i, k)));

  /* The masks that a reader chooses from. W is a width, n counts tokens, d moves the diagonal. */
  const RULES = {
    causal: () => causal,
    none: () => () => true,
    diagonal: ({ d }) => (q, k) => k <= q + d,
    window: ({ W }) => allOf(causal, near(W)),
    sinks: ({ W, n }) => allOf(causal, anyOf(near(W), first(n))),
    prefix: ({ n }) => anyOf(causal, first(n)),
    documents: ({ n, T }) => allOf(causal, documents(Array.from({ length: T }, (_, k) => Number(k >= n)))),
    open: ({ n }) => anyOf(causal, (q, k) => q < n && k < n),
    itself: () => (q, k) => k === q,
  };
  const mask = (kind, T, parameters = {}) => materialise(RULES[kind]({ T, ...parameters }), T);

  /* ---- Softmax, and the ways to mask ----------------------------------------------------------------------- */

  const exponentials = (scores, dtype = "float64") => {
    const largest = Math.max(...scores);
    const shifted = scores.map((score) => fit(score - largest, dtype));
    return { shifted, exps: shifted.map((score) => fit(Math.exp(score), dtype)) };
  };

  const divided = (values, dtype = "float64") => {
    const total = sum(values, dtype);
    return values.map((value) => fit(value / total, dtype));
  };

  const softmax = (scores, dtype) => divided(exponentials(scores, dtype).exps, dtype);

  const MASKED = {
    put: (score, open, fill) => (open ? score : fill),
    add: (score, open, fill, dtype) => fit(score + (open ? 0 : fill), dtype),
    multiply: (score, open, fill, dtype) => fit(score * open, dtype),
  };

  /* One query's row, step by step; `way` says where the mask comes in. The last step holds the weights. */
  const row = (typed, allowed, { way = "put", fill = -Infinity, dtype = "float64" } = {}) => {
    const scores = typed.map(ROUND[dtype]);
    if (way in MASKED) {
      const closed = fill === "lowest" ? LOWEST[dtype] : ROUND[dtype](fill);
      const masked = scores.map((score, j) => MASKED[way](score, allowed[j], closed, dtype));
      const { shifted, exps } = exponentials(masked, dtype);
      return { scores, masked, shifted, exponentiated: exps, weights: divided(exps, dtype) };
    }
    const { shifted, exps } = exponentials(scores, dtype);
    const softmaxed = divided(exps, dtype);
    const zeroed = softmaxed.map((weight, j) => fit(weight * allowed[j], dtype));
    if (way === "zero") return { scores, shifted, exponentiated: exps, softmaxed, weights: zeroed };
    return { scores, exponentiated: exps, softmaxed, zeroed, weights: divided(zeroed, dtype) };
  };

  /* ---- Attention, and who looks up ------------------------------------------------------------------------- */

  const transpose = (rows) => rows[0].map((_, j) => rows.map((each) => each[j]));
  const product = (a, b) => {
    const columns = transpose(b);
    return a.map((left) => columns.map((right) => left.reduce((total, value, k) => total + value * right[k], 0)));
  };

  /* Each token is its own query, key and value. `over` says which axis of the weights adds up to one. */
  const attention = (x, allowed, over = "keys") => {
    const scale = Math.sqrt(x[0].length);
    const scores = product(x, transpose(x)).map((each, i) =>
      each.map((score, j) => (allowed[i][j] ? score / scale : -Infinity)),
    );
    const weights =
      over === "keys"
        ? scores.map((each) => softmax(each))
        : transpose(transpose(scores).map((each) => softmax(each)));
    return product(weights, x);
  };

  const perturb = (x, j, delta) =>
    x.map((features, i) =>
      i === j ? features.map((value, c) => value + delta * (1 + c / Math.max(features.length - 1, 1))) : features,
    );

  /* By how much each output moves when input j is perturbed. */
  const changes = (f, x, j, delta) => {
    const [base, after] = [f(x), f(perturb(x, j, delta))];
    return base.map((features, i) => Math.max(...features.map((value, c) => Math.abs(after[i][c] - value))));
  };

  /* ---- A cache, pass by pass ------------------------------------------------------------------------------- */

  const kvBytes = ({ layers, heads, width, itemsize, tokens, batch = 1 }) =>
    2 * layers * heads * width * itemsize * tokens * batch;

  /* Bytes of a number in few bits, with its part of a scale of two bytes. */
  const numberBytes = (bits, group = Infinity) => bits / 8 + 2 / group;

  /* The layers of a shape by kind: over the whole text, and with a window. A latent takes the place of heads. */
  const cachedLayers = ({ full, full_shared, local, local_shared, window, queries, heads, width, latent, rotary }) => {
    const kept = latent ? latent + rotary : 2 * heads * width;
    const work = queries * (latent ? 2 * latent + rotary : 2 * width);
    return [
      { n: full, sharing: full_shared, kept, work, window: Infinity },
      { n: local, sharing: local_shared, kept, work, window },
    ];
  };

  const each = (layers, tokens, of) =>
    layers.reduce((total, kind) => total + of(kind) * Math.min(tokens, kind.window), 0);

  const mixedBytes = (layers, itemsize, tokens, batch = 1) =>
    each(layers, tokens, ({ n, sharing, kept }) => (n - sharing) * kept) * itemsize * batch;

  /* One more token for each text, in seconds; a batch reads what its tokens use of the weights. */
  const decoding = (layers, { weights, active, weightItemsize, itemsize, tokens, batch, flops, bandwidth }) => {
    const readingWeights = (Math.min(weights, active * batch) * weightItemsize) / bandwidth;
    const readingCaches = (batch * itemsize * each(layers, tokens, ({ n, kept }) => n * kept)) / bandwidth;
    const computingWeights = (2 * active * batch) / flops;
    const computingAttention = (2 * batch * each(layers, tokens, ({ n, work }) => n * work)) / flops;
    const [reading, computing] = [readingWeights + readingCaches, computingWeights + computingAttention];
    const share = reading >= computing ? readingCaches / reading : computingAttention / computing;
    const seconds = Math.max(reading, computing);
    return { readingWeights, readingCaches, computingWeights, computingAttention, reading, computing, seconds, share };
  };

  /* Texts from which on arithmetic takes longer than reading; Infinity where their caches alone take longer. */
  const turningBatch = (layers, load) => {
    const one = decoding(layers, { ...load, batch: 1 });
    if (one.computing >= one.reading) return 1;
    const left = one.computing - one.readingCaches;
    return left > 0 ? (load.weights * load.weightItemsize) / load.bandwidth / left : Infinity;
  };

  const range = (from, to) => Array.from({ length: Math.max(to - from, 0) }, (_, k) => from + k);

  /* Prefill, and then one token a pass. `kind` is none, full or ring; a ring has W slots, and its window is W. */
  const passes = ({ prompt, total, kind, W, ...shape }) => {
    const rule = kind === "ring" ? allOf(causal, near(W)) : causal;
    return [prompt, ...range(prompt + 1, total + 1)].map((end, pass) => {
      const length = pass === 0 || kind === "none" ? 0 : end - 1;
      const oldest = kind === "ring" ? Math.max(0, length - W) : 0;
      const pairs = materialise(rule, end - length, length).flat().filter(Boolean).length;
      const held = { none: 0, full: end, ring: W }[kind];
      return { computed: range(length, end), kept: range(oldest, length), pairs, bytes: kvBytes({ ...shape, tokens: held }) };
    });
  };

  /* ---- Heads: one list of numbers, read in other shapes ---------------------------------------------------- */

  const chunks = (values, size) => range(0, values.length / size).map((k) => values.slice(k * size, (k + 1) * size));
  const swap = (blocks) => blocks[0].map((_, i) => blocks.map((block) => block[i]));
  const reshape = (values, [n, m, ...rest]) =>
    rest.length ? chunks(values, values.length / n).map((part) => chunks(part, rest[0])) : chunks(values, m);

  const split = (x, H, right = true) => {
    const [T, width] = [x.length, x[0].length / H];
    return right ? swap(reshape(x.flat(), [T, H, width])) : reshape(x.flat(), [H, T, width]);
  };

  const merge = (heads, right = true) => {
    const width = heads.length * heads[0][0].length;
    return chunks((right ? swap(heads) : heads).flat(2), width);
  };

  /* ---- Windows through layers ------------------------------------------------------------------------------ */

  /* For one layer, two, and so on: which inputs reach which outputs. */
  const reach = (allowed, layers) => {
    const steps = [allowed];
    while (steps.length < layers) {
      const before = steps[steps.length - 1];
      steps.push(allowed.map((open) => before[0].map((_, j) => open.some((may, k) => may && before[k][j]))));
    }
    return steps;
  };

  /* ---- Guesses, verified ----------------------------------------------------------------------------------- */

  /* One guess, drawn from q, for a token that the target gives p: for each token how it is accepted, and how it comes
     out. `from` says what is drawn from after a rejection; only the residual is right. */
  const verified = (p, q, from = "residual") => {
    const chance = p.map((each, i) => (q[i] > 0 ? Math.min(1, each / q[i]) : NaN)); // what is never guessed has none
    const accepted = p.map((each, i) => Math.min(each, q[i]));
    const left = p.map((each, i) => Math.max(each - q[i], 0));
    const residual = left.some(Boolean) ? divided(left) : p;
    const share = sum(accepted);
    const again = { residual, target: p }[from].map((each) => (1 - share) * each);
    return { chance, accepted, share, residual, again, out: accepted.map((each, i) => each + again[i]) };
  };

  /* Tokens that a pass gives on average, when each guess is accepted with the same probability. */
  const tokensAPass = (alpha, gamma) => range(0, gamma + 1).reduce((total, k) => total + alpha ** k, 0);

  /* The same against one token a pass; a guess costs a share of a pass. */
  const timesAsFast = (alpha, gamma, cost) => tokensAPass(alpha, gamma) / (1 + cost * gamma);

  /* ---- Pages ----------------------------------------------------------------------------------------------- */

  /* What a list of actions leaves in a pool of pages: `["come", tokens]`, `["grow", text, tokens]`, `["fork", text]` and
     `["evict", text]`; texts count from zero, in the order in which they came. An action for which too few pages are
     free does nothing, and is counted. A row of a page holds the text that wrote it, and which token that was. */
  const paged = (pages, size, actions) => {
    const holders = Array(pages).fill(0);
    const rows = range(0, pages).map(() => []);
    const free = range(0, pages).reverse();
    const texts = [];
    const refused = [];
    const take = () => {
      const page = free.pop();
      [holders[page], rows[page]] = [1, []];
      return page;
    };
    const drop = (page) => --holders[page] || free.push(page);
    const grow = (text, tokens) => {
      const { table, length } = texts[text];
      const half = tokens && length % size ? table[table.length - 1] : undefined; // a page with empty rows
      const copied = half !== undefined && holders[half] > 1;
      const more = Math.ceil((length + tokens) / size) - table.length;
      if (copied + more > free.length) return false;
      if (copied) {
        const own = take();
        rows[own] = rows[half].slice(0, length % size);
        drop(half);
        table[table.length - 1] = own;
      }
      table.push(...range(0, more).map(take));
      for (const at of range(length, length + tokens)) rows[table[Math.floor(at / size)]][at % size] = [text, at];
      texts[text].length += tokens;
      return true;
    };
    const act = {
      come: (tokens) => {
        texts.push({ table: [], length: 0, held: true });
        if (grow(texts.length - 1, tokens)) return true;
        texts[texts.length - 1].held = false;
        return false;
      },
      grow: (text, tokens) => texts[text].held && grow(text, tokens),
      fork: (text) => {
        const { table, length, held } = texts[text];
        if (held) table.forEach((page) => ++holders[page]);
        texts.push({ table: held ? [...table] : [], length: held ? length : 0, held });
        return held;
      },
      evict: (text) => {
        const { table, held } = texts[text];
        while (table.length) drop(table.pop());
        Object.assign(texts[text], { length: 0, held: false });
        return held;
      },
    };
    actions.forEach(([what, ...rest], at) => act[what](...rest) || refused.push(at));
    return { texts, holders, rows: rows.map((row, page) => (holders[page] ? row : [])), free: free.length, refused };
  };

  /* ---- Rotary positions ------------------------------------------------------------------------------------ */

  const TURN = 2 * Math.PI;

  /* Radians a position, a pair of features each. */
  const rotarySpeeds = (width, base) => range(0, width / 2).map((pair) => base ** ((-2 * pair) / width));

  /* By how much each pair is slowed down for a text that is `factor` times as long as those of training. */
  const SLOWED = {
    none: (speeds) => speeds.map(() => 1),
    interpolation: (speeds, { factor }) => speeds.map(() => factor),
    ntk: (speeds, { base, factor, width }) => {
      const raised = rotarySpeeds(width, base * factor ** (width / (width - 2)));
      return speeds.map((speed, pair) => speed / raised[pair]);
    },
    parts: (speeds, { factor, trained }) =>
      speeds.map((speed) => {
        const kept = Math.min(Math.max(((trained * speed) / TURN - 1) / 31, 0), 1);
        return 1 / (kept + (1 - kept) / factor);
      }),
  };

  /* Each pair's turns in a text of training, how much it is slowed down, and the positions of a turn then; and whether
     the longer text turns it to angles that training has not shown: it did not turn round, and now goes further. */
  const rotary = (kind, chosen) => {
    const speeds = rotarySpeeds(chosen.width, chosen.base);
    const turns = speeds.map((speed) => (chosen.trained * speed) / TURN);
    const slower = SLOWED[kind](speeds, chosen);
    return {
      turns,
      slower,
      waves: speeds.map((speed, pair) => (TURN * slower[pair]) / speed),
      fresh: turns.map((each, pair) => each < 1 && chosen.factor > slower[pair] * (1 + 1e-9)), // beyond rounding
    };
  };

  window.handbookArithmetic = {
    ROUND, LOWEST, sum, mask, divided, softmax, row, attention, changes, kvBytes, passes, split, merge, reach,
    numberBytes, cachedLayers, mixedBytes, decoding, turningBatch, verified, tokensAPass, timesAsFast, paged, rotary,
  };
})();
