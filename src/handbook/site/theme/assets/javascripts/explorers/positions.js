/* Lower Triangle: the explorer of rotary positions. How long each pair's wave is, beside the texts of training and a
   longer one, and what a recipe for longer texts does to it. */
(() => {
  "use strict";

  const { rotary } = window.handbookArithmetic;
  const ROWS = 8; // of the table, at most

  window.handbookExplorer("positions", ({ words, start, controls, results, told, ...tools }) => {
    const { make, say, spell, menu, labelled, upTo, table, legend, show } = tools;
    const chosen = { ...start };
    const box = (name, limits) => labelled(words[name], chosen[name], limits, (value) => (chosen[name] = value), words);

    const kinds = [
      ["none", words.none],
      ["interpolation", words.interpolation],
      ["ntk", words.ntk],
      ["parts", words.parts],
    ];
    const kind = menu(words.kind, kinds, "none", true);
    const base = box("base", { min: 2, max: 1e9 });
    const width = menu(words.width, [16, 64, 128], chosen.width);
    const trained = box("trained", { min: 1, max: 1e7, step: 1, inputMode: "numeric" });
    const factor = box("factor", { min: 1, max: 1000 });
    controls.append(...[kind, base, width, trained, factor].map((one) => one.field));
    const seen = { kind: "full", sign: "", text: words.seen };
    const kept = { kind: "cut", sign: "", text: words.kept };
    const fresh = { kind: "added", sign: "", text: words.fresh };
    const signs = legend(seen, kept, fresh);

    const count = (value) => value.toLocaleString("en", { maximumFractionDigits: value < 100 ? 2 : 0 });

    /* A column a pair, as high as the logarithm of its wave, and a line for each length of a text. */
    const drawn = (waves, kinds, lengths) => {
      const top = Math.log(Math.max(...waves, ...lengths) * 1.5);
      const high = (positions) => `${(100 * Math.log(positions)) / top}%`;
      const columns = waves.map((wave, pair) => {
        const column = make("i", { className: `lt-cell lt-cell--${kinds[pair]}` });
        column.style.height = high(wave);
        return column;
      });
      const lines = lengths.map((length) => {
        const line = make("div", { className: "lt-columns__line" }, make("span", {}, count(length)));
        line.style.bottom = high(length);
        return line;
      });
      const chart = make("div", { className: "lt-columns" }, ...columns, ...lines);
      return make("div", { "aria-hidden": "true" }, make("p", { className: "lt-explorer__title" }, words.drawn), chart);
    };

    const update = () => {
      chosen.width = Number(width.value);
      const found = rotary(kind.value, chosen);
      const context = Math.round(chosen.trained * chosen.factor);
      const kinds = found.turns.map((turns, pair) => (found.fresh[pair] ? fresh : turns < 1 ? kept : seen).kind);
      const last = found.waves.length - 1;
      const shown = [...new Set(upTo(0, ROWS - 1).map((row) => Math.round((row * last) / (ROWS - 1))))];
      const rows = shown.map((pair) => [
        pair,
        spell(found.turns[pair]),
        spell(found.slower[pair]),
        count(found.waves[pair]),
        found.fresh[pair] ? words.yes : words.no,
      ]);
      const heads = [words.pair, words.turns, words.slower, words.wave, words.angles];
      const lengths = chosen.factor > 1 ? [chosen.trained, context] : [chosen.trained];
      show(
        results,
        drawn(found.waves, kinds, lengths),
        signs,
        table(say(words.pairs, { shown: shown.length, all: last + 1 }), heads, rows),
      );
      const of = (kind) => kinds.filter((one) => one === kind).length;
      told(
        say(words.says, {
          context: count(context),
          seen: of("full"),
          kept: of("cut"),
          fresh: of("added"),
          wave: count(found.waves[last]),
          step: spell(1 / found.slower[0]),
        }),
      );
    };
    return update;
  });
})();
