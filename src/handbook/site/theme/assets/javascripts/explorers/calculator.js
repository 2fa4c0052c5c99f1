/* Lower Triangle: the cache calculator. A published shape or the reader's own: bytes of the cache, seconds of reading and
   of arithmetic for one more token of each text, attention's share of them, and the batch at which they cross. */
(() => {
  "use strict";

  const { numberBytes, cachedLayers, mixedBytes, decoding, turningBatch } = window.handbookArithmetic;
  const GIB = 1024 ** 3;
  const BILLION = 1e9;
  const TRILLION = 1e12;

  window.handbookExplorer("calculator", ({ words, start, controls, results, told, ...tools }) => {
    const { make, say, spell, menu, labelled, table, show } = tools;
    const shape = { ...Object.values(start.models)[0] };
    const asked = { tokens: start.tokens, batch: 1, bandwidth: start.bandwidth, flops: start.flops };

    const own = "own";
    const names = Object.keys(start.models);
    const model = menu(words.model, [...names, [own, words.own]], names[0], true);
    const whole = { min: 0, step: 1, inputMode: "numeric" };
    const limits = {
      full: { ...whole, max: 1000 },
      full_shared: { ...whole, max: 999 },
      local: { ...whole, max: 1000 },
      local_shared: { ...whole, max: 999 },
      window: { ...whole, min: 1, max: 10_000_000 },
      queries: { ...whole, min: 1, max: 1000 },
      heads: { ...whole, min: 1, max: 1000 },
      width: { ...whole, min: 1, max: 10_000 },
      latent: { ...whole, max: 10_000 },
      rotary: { ...whole, max: 10_000 },
      weights: { min: 0.001, max: 1e5 },
      active: { min: 0.001, max: 1e5 },
      tokens: { ...whole, min: 1, max: 10_000_000 },
      batch: { ...whole, min: 1, max: 10_000 },
      bandwidth: { min: 0.001, max: 1000 },
      flops: { min: 0.001, max: 1e6 },
    };
    /* What cannot be more than another: layers that share need one that keeps, a token uses no more than there is. */
    const most = {
      full_shared: () => Math.max(shape.full - 1, 0),
      local_shared: () => Math.max(shape.local - 1, 0),
      active: () => shape.weights,
    };
    const above = { full: "full_shared", local: "local_shared", weights: "active" };
    const boxes = Object.fromEntries(
      Object.entries(limits).map(([name, each]) => {
        const into = name in shape ? shape : asked;
        const accept = (value) => {
          if (name in most && value > most[name]()) return false;
          into[name] = value;
          const below = above[name];
          if (below && shape[below] > most[below]()) boxes[below].put(most[below]());
          const chosen = start.models[model.value];
          if (chosen && name in chosen && chosen[name] !== value) model.value = own;
          return true;
        };
        return [name, labelled(words[name], into[name], each, accept, words)];
      }),
    );
    const bits = menu(words.bits, [16, 8, 4, 2], 16);
    const group = menu(words.group, [["Infinity", words.no_scale], 128, 64, 32], "Infinity");
    const itemsize = menu(words.itemsize, [1, 2, 4], start.itemsize);

    const places = (...names) => names.map((name) => boxes[name].field);
    const part = (title, ...fields) =>
      make("fieldset", { className: "lt-explorer__part" }, make("legend", {}, title), ...fields);
    controls.append(
      part(
        words.shape,
        model.field,
        ...places("full", "full_shared", "local", "local_shared", "window", "queries", "heads", "width"),
        ...places("latent", "rotary", "weights", "active"),
      ),
      part(words.served, ...places("tokens", "batch"), bits.field, group.field, itemsize.field),
      part(words.device, ...places("bandwidth", "flops")),
    );

    model.addEventListener("input", () => {
      const chosen = start.models[model.value];
      if (!chosen) return;
      const name = model.value;
      for (const [each, value] of Object.entries(chosen)) if (each in above) boxes[each].put(value);
      for (const [each, value] of Object.entries(chosen)) boxes[each].put(value);
      model.value = name; // on the way the numbers were those of no model
    });

    const update = () => {
      const layers = cachedLayers(shape);
      const { tokens, batch } = asked;
      const size = numberBytes(Number(bits.value), Number(group.value));
      const load = {
        weights: shape.weights * BILLION,
        active: shape.active * BILLION,
        weightItemsize: Number(itemsize.value),
        itemsize: size,
        tokens,
        bandwidth: asked.bandwidth * TRILLION,
        flops: asked.flops * TRILLION,
      };
      const bytes = (tokens, texts = 1) => mixedBytes(layers, size, tokens, texts);
      const found = decoding(layers, { ...load, batch });
      const turning = turningBatch(layers, load);
      const gib = (bytes) => spell(bytes / GIB);
      const ms = (seconds) => spell(seconds * 1000);
      const share = spell(100 * found.share);
      const texts = Number.isFinite(turning) ? Math.ceil(turning).toLocaleString("en") : words.never;
      const rows = [
        [words.token_bytes, bytes(1).toLocaleString("en")],
        [words.later_bytes, (bytes(tokens + 1) - bytes(tokens)).toLocaleString("en")],
        [words.text_gib, gib(bytes(tokens))],
        [words.all_gib, gib(bytes(tokens, batch))],
        [words.weights_gib, gib(load.weights * load.weightItemsize)],
        [words.read_weights, ms(found.readingWeights)],
        [words.read_caches, ms(found.readingCaches)],
        [words.compute_weights, ms(found.computingWeights)],
        [words.compute_attention, ms(found.computingAttention)],
        [words.share, share],
        [words.turning, texts],
      ];
      show(results, table(words.costs, [], rows));
      const gaps = { gib: gib(bytes(tokens, batch)), ms: ms(found.seconds), tokens: tokens.toLocaleString("en"), batch, share };
      told(say(found.reading >= found.computing ? words.says : words.computes, gaps));
    };
    return update;
  });
})();
