/* Lower Triangle: the cache calculator. A published shape or the reader's own: bytes of the cache, and seconds of reading
   for one more token. */
(() => {
  "use strict";

  const { kvBytes, readingSeconds } = window.handbookArithmetic;
  const GIB = 1024 ** 3;
  const BILLION = 1e9;

  window.handbookExplorer("calculator", ({ words, start, controls, results, told, ...tools }) => {
    const { say, spell, menu, labelled, table, show } = tools;
    const shape = { ...Object.values(start.models)[0], itemsize: start.itemsize };
    const asked = { tokens: start.tokens, batch: 1, bandwidth: start.bandwidth };

    const own = "own";
    const names = Object.keys(start.models);
    const model = menu(words.model, [...names, [own, words.own]], names[0], true);
    const whole = { min: 1, step: 1, inputMode: "numeric" };
    const limits = {
      layers: { ...whole, max: 1000 },
      heads: { ...whole, max: 1000 },
      width: { ...whole, max: 10_000 },
      weights: { min: 0, max: 1e5 },
      tokens: { ...whole, max: 131_072 },
      batch: { ...whole, max: 10_000 },
      bandwidth: { min: 0.001, max: 1000 },
    };
    const boxes = Object.fromEntries(
      Object.entries(limits).map(([name, each]) => {
        const into = name in shape ? shape : asked;
        const accept = (value) => {
          into[name] = value;
          const chosen = start.models[model.value];
          if (chosen && name in chosen && chosen[name] !== value) model.value = own;
        };
        return [name, labelled(words[name], into[name], each, accept, words)];
      }),
    );
    const itemsize = menu(words.itemsize, [1, 2, 4], shape.itemsize);
    controls.append(model.field, ...Object.values(boxes).map((box) => box.field), itemsize.field);

    model.addEventListener("input", () => {
      for (const [name, value] of Object.entries(start.models[model.value] ?? {})) boxes[name].put(value);
    });

    const update = () => {
      shape.itemsize = Number(itemsize.value);
      const one = kvBytes({ ...shape, tokens: 1 });
      const cache = kvBytes({ ...shape, ...asked });
      const weights = shape.weights * BILLION;
      const bandwidth = asked.bandwidth * 1e12;
      const read = (cache) => readingSeconds({ weights, itemsize: shape.itemsize, bandwidth, cache }) * 1000;
      const gib = (bytes) => spell(bytes / GIB);
      const rows = [
        [words.token_bytes, one.toLocaleString("en")],
        [words.text_gib, gib(cache / asked.batch)],
        [words.all_gib, gib(cache)],
        [words.weights_gib, gib(weights * shape.itemsize)],
        [words.read_all, spell(read(cache))],
        [words.read_weights, spell(read(0))],
      ];
      show(results, table(words.costs, [], rows));
      const tokens = asked.tokens.toLocaleString("en");
      told(say(words.says, { gib: gib(cache), ms: spell(read(cache)), tokens, batch: asked.batch }));
    };
    return update;
  });
})();
