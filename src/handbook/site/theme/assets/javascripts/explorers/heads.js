/* Lower Triangle: the heads explorer. The same numbers whole, split into heads and merged, with and without a
   transpose. The tens of a number say its token, the ones its feature. */
(() => {
  "use strict";

  const { split, merge } = window.handbookArithmetic;

  window.handbookExplorer("heads", ({ words, start, controls, results, told, ...tools }) => {
    const { make, say, menu, tick, upTo, table, legend, show } = tools;
    const length = menu(words.length, upTo(2, 6), start.T);
    const width = menu(words.width, [4, 6, 8], start.width);
    const heads = menu(words.heads, upTo(1, 8), start.heads);
    const right = { split: tick(words.split_right, true), merge: tick(words.merge_right, true) };
    controls.append(...[length, width, heads, right.split, right.merge].map((one) => one.field));

    const shape = (sizes) => `[${sizes.join(", ")}]`;

    const update = () => {
      const [T, d] = [Number(length.value), Number(width.value)];
      const may = upTo(1, d).filter((n) => d % n === 0);
      const H = may.filter((n) => n <= Number(heads.value)).pop();
      if ([...heads.options].map((one) => Number(one.value)).join() !== may.join()) {
        heads.replaceChildren(...may.map((n) => new Option(n, n)));
      }
      heads.value = H;
      const x = upTo(0, T - 1).map((i) => upTo(0, d - 1).map((c) => 10 * i + c));
      const parts = split(x, H, right.split.checked);
      const merged = merge(parts, right.merge.checked);

      const tokenOf = (value) => Math.floor(value / 10);
      const strange = (values, i) => values.some((value) => tokenOf(value) !== i);
      const panel = (title, rows) =>
        table(
          title,
          [],
          rows.map((values, i) => [
            { text: say(words.row, { i }), sign: String(i) },
            ...values.map((value) => ({ text: String(value), kind: tokenOf(value) === i ? "" : "stranger" })),
          ]),
          "lt-explorer__table--numbers",
        );

      const cut = right.split.checked ? [[T, H, d / H], [H, T, d / H]] : [[H, T, d / H]];
      const back = right.merge.checked ? [[T, H, d / H], [T, d]] : [[T, d]];
      const shapes = [[T, d], ...cut, ...back].map(shape).join(" → ");
      show(
        results,
        make("p", { className: "lt-explorer__shapes" }, `${words.shapes}: `, make("code", {}, shapes)),
        panel(`${words.whole} ${shape([T, d])}`, x),
        make("div", { className: "lt-explorer__heads" }, ...parts.map((rows, h) => panel(say(words.head, { h }), rows))),
        panel(`${words.merged} ${shape([T, d])}`, merged),
        legend({ kind: "stranger", sign: "10", text: words.stranger }),
      );
      const count = parts.flatMap((rows) => rows.filter(strange)).length;
      const first = count ? say(words.rows_wrong, { count, all: H * T }) : words.rows_right;
      const same = merged.every((values, i) => values.every((value, c) => value === x[i][c]));
      told(`${first} ${same ? words.back : words.not_back}`);
    };
    return update;
  });
})();
