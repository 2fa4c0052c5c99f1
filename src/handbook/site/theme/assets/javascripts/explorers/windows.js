/* Lower Triangle: the windows explorer. How far each layer carries what a window lets through. */
(() => {
  "use strict";

  const { mask, reach } = window.handbookArithmetic;

  window.handbookExplorer("windows", ({ words, start, controls, results, told, ...tools }) => {
    const { say, menu, upTo, limit, table, legend, show } = tools;
    const length = menu(words.length, upTo(4, start.T), start.T);
    const W = menu(words.W, upTo(1, start.T), start.W);
    const n = menu(words.n, upTo(0, 3), 0);
    const layers = menu(words.layers, upTo(1, 6), start.layers);
    const query = menu(words.query, upTo(0, start.T - 1), start.T - 1);
    controls.append(...[length, W, n, layers, query].map((one) => one.field));
    const reaches = { kind: "moved", sign: "■", text: words.reached };
    const misses = { kind: "open", sign: "", text: words.unreached };
    const signs = legend(reaches, misses);

    const update = () => {
      const T = Number(length.value);
      limit(W, 1, T);
      const i = limit(query, 0, T - 1);
      const allowed = mask("sinks", T, { W: Number(W.value), n: Number(n.value) });
      const reached = reach(allowed, Number(layers.value)).map((steps) => steps[i]);
      const rows = reached.map((inputs, depth) => [
        { text: say(words.layer, { count: depth + 1 }), sign: String(depth + 1) },
        ...inputs.map((is) => (is ? reaches : misses)),
        inputs.filter(Boolean).length,
      ]);
      const columns = [words.layers, ...upTo(0, T - 1), words.count];
      show(results, table(say(words.caption, { i }), columns, rows, "lt-explorer__table--cells lt-explorer__table--strip"), signs);
      const last = reached[reached.length - 1];
      told(say(words.says, { layers: reached.length, i, count: last.filter(Boolean).length }));
    };
    return update;
  });
})();
