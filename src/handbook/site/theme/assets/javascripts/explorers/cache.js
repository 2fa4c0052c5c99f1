/* Lower Triangle: the KV cache explorer. Prefill and decode, pass by pass: what is computed, scored and kept. */
(() => {
  "use strict";

  const { passes } = window.handbookArithmetic;

  window.handbookExplorer("cache", ({ words, start, controls, results, told, ...tools }) => {
    const { make, say, menu, button, upTo, table, legend, show } = tools;
    const { total } = start;
    let done = 1; // passes so far
    let asked = "";

    const kind = menu(words.kind, ["full", "ring", "none"].map((name) => [name, words[name]]), "full");
    const W = menu(words.W, upTo(1, total), 4);
    const prompt = menu(words.prompt, upTo(1, total - 1), start.prompt);
    const layers = menu(words.layers, [1, 2, 16, 32], start.layers);
    const heads = menu(words.heads, [1, 3, 8, 32], start.heads);
    const width = menu(words.width, [4, 64, 128], start.width);
    const itemsize = menu(words.itemsize, [1, 2, 4, 8], start.itemsize);
    /* A button that is disabled would lose the keyboard that has just pressed it. */
    const can = (button, able) => button.setAttribute("aria-disabled", String(!able));
    const move = (by, button) => {
      if (button?.getAttribute("aria-disabled") === "true") return;
      done += by;
      update();
    };
    const back = button(words.back, () => move(-1, back));
    const next = button(words.next, () => move(1, next));
    const again = button(words.again, () => move(1 - done));
    const buttons = make("div", { className: "lt-explorer__buttons" }, next, back, again);
    controls.append(...[kind, W, prompt, layers, heads, width, itemsize].map((one) => one.field), buttons);
    const computed = { kind: "moved", sign: "■", text: words.computed };
    const kept = { kind: "kept", sign: "○", text: words.kept };
    const gone = { kind: "gone", sign: "–", text: words.gone };
    const later = { kind: "later", text: "" };
    const signs = legend(computed, kept, gone);

    const update = () => {
      W.field.hidden = kind.value !== "ring";
      if (asked !== `${kind.value} ${prompt.value}`) [asked, done] = [`${kind.value} ${prompt.value}`, 1];
      const numbers = { prompt, W, layers, heads, width, itemsize };
      const shape = Object.fromEntries(Object.entries(numbers).map(([name, one]) => [name, Number(one.value)]));
      const every = passes({ ...shape, total, kind: kind.value });
      const bare = passes({ ...shape, total, kind: "none" });
      can(back, done > 1);
      can(next, done < every.length);

      const rows = every.map((pass, at) => {
        if (at >= done) return [at, ...Array(total).fill(later), "", ""];
        const end = pass.computed[pass.computed.length - 1];
        const strip = upTo(0, total - 1).map((token) => {
          if (pass.computed.includes(token)) return computed;
          if (pass.kept.includes(token)) return kept;
          return token < end ? gone : later;
        });
        return [at, ...strip, pass.pairs, pass.bytes.toLocaleString("en")];
      });
      const columns = [words.pass, ...upTo(0, total - 1), words.pairs, words.bytes];
      show(results, table(words.passes, columns, rows, "lt-explorer__table--cells lt-explorer__table--strip"), signs);

      const add = (list, of) => list.slice(0, done).reduce((sum, pass) => sum + of(pass), 0);
      const pass = every[done - 1];
      told(
        say(words.says, {
          pass: done - 1,
          new: pass.computed.length,
          pairs: pass.pairs,
          bytes: pass.bytes.toLocaleString("en"),
          all_new: add(every, (one) => one.computed.length),
          all_pairs: add(every, (one) => one.pairs),
          bare_new: add(bare, (one) => one.computed.length),
          bare_pairs: add(bare, (one) => one.pairs),
        }),
      );
    };
    return update;
  });
})();
