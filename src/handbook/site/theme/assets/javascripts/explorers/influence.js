/* Lower Triangle: the influence explorer. Tap a token, and see which outputs move. */
(() => {
  "use strict";

  const { mask, attention, changes } = window.handbookArithmetic;
  const MODELS = {
    causal: ["causal"],
    none: ["none"],
    ahead: ["diagonal", { d: 1 }],
    window: ["window", { W: 3 }],
    open: ["open", { n: 3 }],
    itself: ["itself"],
    queries: ["causal"],
  };

  window.handbookExplorer("influence", ({ words, start, controls, results, told, ...tools }) => {
    const { make, say, spell, menu, button, upTo, table, legend, show } = tools;
    let moved = []; // for each token that was tapped: how far each output moved
    let tapped = null;
    let asked = "";

    const named = Object.keys(MODELS).map((name) => [name, words[name]]);
    const model = menu(words.model, named, "causal", true);
    const length = menu(words.length, upTo(3, start.x.length), start.T);
    const step = menu(words.step, ["1", "1e-3", "1e-9", "1e-17"], "1");
    const places = [make("div"), make("div")];
    const tapAll = button(words.all_tokens, () => {
      upTo(0, Number(length.value) - 1).forEach(measure);
      update();
    });
    const again = button(words.again, () => {
      asked = "";
      update();
    });
    const reads = { kind: "moved", sign: "■", text: words.reads };
    const leak = { kind: "leak", sign: "×", text: words.leak };
    const unread = { kind: "open", sign: "", text: words.unread };
    const blocked = { kind: "blocked", sign: "", text: words.blocked };
    const untapped = { kind: "untapped", sign: "?", text: words.untapped };
    const signs = legend(reads, leak, unread, blocked, untapped);
    controls.append(model.field, length.field, step.field, make("div", { className: "lt-explorer__buttons" }, tapAll, again));
    results.append(...places, signs);

    const measure = (j) => {
      const T = Number(length.value);
      const [rule, fixed] = MODELS[model.value];
      const allowed = mask(rule, T, fixed);
      const over = model.value === "queries" ? "queries" : "keys";
      moved[j] = changes((x) => attention(x, allowed, over), start.x.slice(0, T), j, Number(step.value));
      tapped = j;
    };

    const verdict = (promised, moves) => {
      if (promised) return moves ? reads : unread;
      return moves ? leak : blocked;
    };

    const update = () => {
      const T = Number(length.value);
      const asks = [model, length, step].map((one) => one.value).join();
      if (asks !== asked) [moved, tapped, asked] = [[], null, asks];
      const promised = mask("causal", T);
      const tokens = upTo(0, T - 1);

      const heads = tokens.map((j) => {
        const said = { "aria-label": say(words.tap, { i: j }), "aria-pressed": String(j === tapped) };
        return button(j, () => (measure(j), update()), said);
      });
      const cells = tokens.map((i) => [
        { text: say(words.output, { i }), sign: String(i) },
        ...tokens.map((j) => (moved[j] ? verdict(promised[i][j], moved[j][i] !== 0) : untapped)),
      ]);
      show(places[0], table(words.matrix, ["", ...heads], cells, "lt-explorer__table--cells"));

      const far = tokens.map((i) => {
        const by = tapped === null ? null : moved[tapped][i];
        const said = by === null ? "" : verdict(promised[i][tapped], by !== 0);
        return [say(words.output, { i }), by === null ? "–" : spell(by), said && `${said.sign} ${said.text}`];
      });
      show(places[1], table(words.moves, ["", words.moved_by, words.verdict], far));

      if (tapped === null) {
        told(words.first);
        return;
      }
      const up = tokens.filter((i) => moved[tapped][i] !== 0);
      const one = up.length ? say(words.says, { i: tapped, outputs: up.join(", ") }) : words.nobody;
      const count = (leaks) =>
        tokens.flatMap((i) => tokens.filter((j) => promised[i][j] !== leaks && (moved[j][i] !== 0) === leaks)).length;
      const complete = tokens.every((j) => moved[j]);
      told(complete ? `${one} ${say(words.counts, { leaks: count(true), missing: count(false) })}` : one);
    };
    return update;
  });
})();
