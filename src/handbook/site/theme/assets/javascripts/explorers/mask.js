/* Lower Triangle: the mask explorer. One row of scores on its way to weights, under any mask and in any way. */
(() => {
  "use strict";

  const { mask, row, sum } = window.handbookArithmetic;
  const MASKS = {
    causal: ["causal"],
    none: ["none"],
    diagonal_closed: ["diagonal", { d: -1 }],
    diagonal_ahead: ["diagonal", { d: 1 }],
    window: ["window"],
    sinks: ["sinks"],
    prefix: ["prefix"],
    documents: ["documents"],
  };
  const WAYS = ["put", "add", "zero", "renormalise", "multiply"];
  const FILLED = ["put", "add"];

  window.handbookExplorer("mask", ({ words, start, controls, results, told, ...tools }) => {
    const { make, say, spell, menu, number, button, upTo, limit, table, legend, show } = tools;
    const scores = start.scores.map((each) => [...each]);
    let query = start.row;

    const named = (names) => names.map((name) => [name, words[name]]);
    const length = menu(words.length, upTo(2, scores.length), start.T);
    const kind = menu(words.kind, named(Object.keys(MASKS)), "causal", true);
    const W = menu(words.W, upTo(1, scores.length), 2);
    const n = menu(words.n, upTo(1, scores.length), 1);
    const cut = menu(words.cut, upTo(1, scores.length), 2);
    const way = menu(words.way, named(WAYS), "put", true);
    const fill = menu(words.fill, ["-inf", "-1e9", "-1e4", ["lowest", words.lowest]], "-inf");
    const dtype = menu(words.dtype, ["float64", "float32", "float16"], "float64");
    const typed = make("fieldset", { className: "lt-explorer__scores" });
    const places = [make("div"), make("div")];
    const blocked = { kind: "blocked", sign: "", text: words.blocked };
    const leak = { kind: "leak", sign: "×", text: words.leak };
    const despite = { kind: "kept", sign: "!", text: words.despite };
    const signs = legend(
      { kind: "reads", sign: make("i", { className: "lt-cell__share" }), text: words.reads },
      blocked,
      leak,
      despite,
    );
    controls.append(...[length, kind, W, n, cut, way, fill, dtype].map((one) => one.field), typed);
    results.append(...places, signs);

    const inputs = (T) => {
      const boxes = upTo(0, T - 1).map((j) => {
        const limits = { "aria-label": say(words.score_of, { j }) };
        return number(scores[query][j], limits, (value) => (scores[query][j] = value), words);
      });
      const said = boxes.map((box) => box.said);
      show(typed, make("legend", {}, say(words.scores_of, { i: query })), ...boxes, ...said);
      typed.dataset.shows = `${query} ${T}`;
    };

    const choose = (i) => {
      query = i;
      update();
    };

    const update = () => {
      const T = Number(length.value);
      query = Math.min(query, T - 1);
      [W, n].forEach((one) => limit(one, 1, T));
      limit(cut, 1, T - 1);
      W.field.hidden = !["window", "sinks"].includes(kind.value);
      n.field.hidden = !["sinks", "prefix"].includes(kind.value);
      cut.field.hidden = kind.value !== "documents";
      fill.field.hidden = !FILLED.includes(way.value);
      if (typed.dataset.shows !== `${query} ${T}`) inputs(T);

      const [rule, fixed] = MASKS[kind.value];
      const counted = kind.value === "documents" ? cut : n;
      const causal = mask("causal", T);
      const allowed = mask(rule, T, { W: Number(W.value), n: Number(counted.value), ...fixed });
      const value = { "-inf": -Infinity, lowest: "lowest" }[fill.value] ?? Number(fill.value);
      const chosen = { way: way.value, fill: value, dtype: dtype.value };
      const leaks = (i, j, weight) => !causal[i][j] && weight > 0; // as in the section on leaks, whatever the mask says
      const rows = allowed.map((open, i) => row(scores[i].slice(0, T), open, chosen));

      const heads = rows.map(({ weights }, i) => {
        const said = { "aria-label": say(words.choose, { i }), "aria-pressed": String(i === query) };
        return [
          button(i, () => choose(i), said),
          ...weights.map((weight, j) => {
            const found = leaks(i, j, weight) ? leak : allowed[i][j] ? null : weight > 0 ? despite : blocked;
            const text = `${found?.text ?? words.reads}, ${spell(weight)}`;
            return found ? { ...found, text } : { kind: "reads", text, sign: "", share: weight || 0 };
          }),
        ];
      });
      show(places[0], table(words.weights, ["", ...upTo(0, T - 1)], heads, "lt-explorer__table--cells"));

      const { weights, ...before } = rows[query];
      const columns = [...Object.entries(before), ["result", weights]];
      const steps = weights.map((_, j) => [
        { text: say(words.score_of, { j }), sign: String(j) },
        ...columns.map(([, values]) => ({ text: spell(values[j]), kind: allowed[query][j] ? "" : "closed" })),
      ]);
      show(places[1], table(say(words.steps, { i: query }), [words.key, ...columns.map(([name]) => words[name])], steps));

      const total = sum(weights, dtype.value);
      const right = row(scores[query].slice(0, T), allowed[query]).weights;
      const closed = sum(weights.map((weight, j) => (allowed[query][j] ? 0 : weight)), dtype.value);
      const difference = Math.max(...weights.map((weight, j) => Math.abs(weight - right[j])));
      const later = sum(weights.map((weight, j) => (causal[query][j] ? 0 : weight)), dtype.value);
      const count = rows.flatMap((each, i) => each.weights.filter((weight, j) => leaks(i, j, weight))).length;
      const held = { sum: total, closed, later, difference };
      const gaps = { i: query, leaks: count };
      for (const [name, value] of Object.entries(held)) gaps[name] = spell(value);
      const empty = allowed[query].includes(true) ? "" : ` ${words.nothing_open}`;
      told(say(Number.isNaN(total) ? words.no_number : words.says, gaps) + empty);
    };
    return update;
  });
})();
