/* Lower Triangle: the explorer of paging. Texts come, grow, fork and are evicted; their block tables, and the pool. */
(() => {
  "use strict";

  const { paged } = window.handbookArithmetic;
  const TEXTS = 8; // at once
  const NAMES = "abcdefghijklmnopqrstuvwxyz";

  window.handbookExplorer("pages", ({ words, start, controls, results, told, ...tools }) => {
    const { make, say, menu, button, upTo, table, legend, show } = tools;
    let actions = [...start.actions];
    let said = "";

    const size = menu(words.size, [1, 2, 4], start.size);
    const pages = menu(words.pages, [4, 6, 8, 12], start.pages);
    const tokens = menu(words.tokens, upTo(1, 8), 1);
    const text = menu(words.text, [], "");
    const state = (list = actions) => paged(Number(pages.value), Number(size.value), list);
    const listed = (table) => table.join(", ");

    /* Done, if it can be: the text that it is about is chosen next. */
    const act = (action, chosen) => {
      const before = state();
      const after = state([...actions, action]);
      if (after.refused.length > before.refused.length) {
        said = words.full;
      } else {
        actions.push(action);
        const name = NAMES[chosen];
        const { table, held } = after.texts[chosen];
        const old = before.texts[chosen]?.table ?? [];
        const copied = old.findIndex((page, at) => held && page !== table[at]);
        said = held ? say(words.lies, { name, pages: listed(table) }) : say(words.gone, { name });
        if (copied >= 0) said += ` ${say(words.copied, { from: old[copied], to: table[copied] })}`;
      }
      update(chosen);
    };
    const more = (action) => () => {
      const { texts } = state();
      if (texts.length < NAMES.length && texts.filter((one) => one.held).length < TEXTS) return act(action(), texts.length);
      said = words.enough;
      update();
    };
    const one = (action) => () => text.value !== "" && act(action(Number(text.value)), Number(text.value));
    const buttons = [
      button(words.come, more(() => ["come", Number(tokens.value)])),
      button(words.grow, one((chosen) => ["grow", chosen, Number(tokens.value)])),
      button(words.fork, () => text.value !== "" && more(() => ["fork", Number(text.value)])()),
      button(words.evict, one((chosen) => ["evict", chosen])),
      button(words.again, () => {
        [actions, said] = [[...start.actions], ""];
        update();
      }),
    ];
    controls.append(...[size, pages, tokens, text].map((one) => one.field));
    controls.append(make("div", { className: "lt-explorer__buttons" }, ...buttons));
    [size, pages].forEach((one) => one.addEventListener("input", () => (said = "")));
    const empty = { kind: "blocked", sign: "", text: words.empty };
    const unused = { kind: "later", sign: "", text: words.unused };
    const signs = legend(empty, unused);

    const update = (chosen) => {
      const { texts, holders, rows, free, refused } = state();
      const held = upTo(0, texts.length - 1).filter((n) => texts[n].held);
      const old = Number.isInteger(chosen) ? chosen : text.value === "" ? held[held.length - 1] : Number(text.value);
      text.replaceChildren(...held.map((n) => new Option(NAMES[n], n)));
      if (held.length) text.value = held.includes(old) ? old : held[0];

      const tables = held.map((n) => [NAMES[n], listed(texts[n].table), texts[n].length]);
      const pool = rows.map((row, page) => [
        page,
        ...upTo(0, Number(size.value) - 1).map((at) =>
          row[at] ? { kind: "open", text: `${NAMES[row[at][0]]}${row[at][1]}` } : holders[page] ? empty : unused,
        ),
        held.filter((n) => texts[n].table.includes(page)).map((n) => NAMES[n]).join(" "),
      ]);
      const places = [words.page, ...upTo(0, Number(size.value) - 1), words.holders];
      const cells = "lt-explorer__table--cells";
      show(
        results,
        table(words.tables, [words.text, words.pages_of, words.length_of], tables),
        table(words.pool, places, pool, cells),
        signs,
      );
      const counts = {
        free,
        all: holders.length,
        empty: rows.reduce((sum, row, page) => sum + (holders[page] ? Number(size.value) - row.length : 0), 0),
        held: holders.filter(Boolean).length,
        alone: holders.reduce((sum, each) => sum + each, 0),
      };
      const left = refused.length ? say(words.left_out, { count: refused.length }) : "";
      told([said, say(words.says, counts), left].filter(Boolean).join(" "));
    };
    return () => update();
  });
})();
