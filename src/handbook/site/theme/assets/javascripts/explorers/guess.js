/* Lower Triangle: the explorer of speculative decoding. One guess of a draft, verified by the target: what is accepted,
   what the residual adds, what comes out, and how many tokens a pass gives where every place is like this one. */
(() => {
  "use strict";

  const { divided, verified, tokensAPass, timesAsFast } = window.handbookArithmetic;
  const WEIGHT = { min: 0, max: 1000 };

  window.handbookExplorer("guess", ({ words, start, controls, results, told, ...tools }) => {
    const { make, say, spell, menu, number, labelled, upTo, table, bar, legend, show } = tools;
    const typed = { target: [...start.target], draft: [...start.draft] };
    const each = { target: words.of_target, draft: words.of_draft };
    let cost = start.cost;

    const length = menu(words.length, upTo(2, typed.target.length), start.V);
    const after = [["residual", words.from_residual], ["target", words.from_target]];
    const from = menu(words.from, after, "residual", true);
    const gamma = menu(words.gamma, upTo(1, 8), start.gamma);
    const price = labelled(words.cost, cost, { min: 0, max: 100 }, (value) => (cost = value), words);
    const sets = ["target", "draft"].map((name) => make("fieldset", { className: "lt-explorer__scores" }));
    controls.append(length.field, from.field, gamma.field, price.field, ...sets);
    const accepted = { kind: "full", sign: "", text: words.accepted };
    const rejected = { kind: "cut", sign: "", text: words.rejected };
    const added = { kind: "added", sign: "", text: words.again };
    const signs = legend(accepted, rejected, added);

    /* Weights, because what is typed one by one does not add up to one. Not all of them can be zero. */
    const ask = (name, V, place) => {
      const boxes = upTo(0, V - 1).map((i) => {
        const accept = (value) => {
          if (!typed[name].slice(0, V).some((other, j) => (j === i ? value : other) > 0)) return false;
          typed[name][i] = value;
        };
        return number(typed[name][i], { ...WEIGHT, "aria-label": say(each[name], { i }) }, accept, words);
      });
      place.replaceChildren(make("legend", {}, words[name]), ...boxes, ...boxes.map((box) => box.said));
    };

    let asked = 0;
    const update = () => {
      const V = Number(length.value);
      if (asked !== V) {
        for (const name of ["target", "draft"]) if (!typed[name].slice(0, V).some(Boolean)) typed[name][0] = 1;
        ["target", "draft"].forEach((name, at) => ask(name, V, sets[at]));
        asked = V;
      }
      const [p, q] = [typed.target, typed.draft].map((weights) => divided(weights.slice(0, V)));
      const found = verified(p, q, from.value);
      const refused = q.map((each, i) => each - found.accepted[i]);
      const spelled = (values) => values.map((value) => (Number.isNaN(value) ? "–" : spell(value)));
      const rows = [
        [words.p, ...spelled(p)],
        [words.q, ...spelled(q)],
        [words.chance, ...spelled(found.chance)],
        [words.kept, ...spelled(found.accepted)],
        [words.refused, ...spelled(refused)],
        [words.residual, ...spelled(found.residual)],
        [words.added, ...spelled(found.again)],
        [words.out, ...spelled(found.out)],
      ];
      const numbers = table(words.steps, [words.token, ...upTo(0, V - 1)], rows);

      const widest = Math.max(...q, ...found.out);
      const bars = upTo(0, V - 1).flatMap((i) => [
        [say(words.guessed_of, { i }), bar(["full", found.accepted[i] / widest], ["cut", refused[i] / widest])],
        [say(words.out_of, { i }), bar(["full", found.accepted[i] / widest], ["added", found.again[i] / widest])],
      ]);

      const lengths = upTo(1, 8);
      const speeds = lengths.map((n) => timesAsFast(found.share, n, cost));
      const paid = lengths.map((n, at) => [n, spell(tokensAPass(found.share, n)), spell(speeds[at])]);
      const passes = table(words.passes, [words.guesses, words.tokens_a_pass, words.times], paid);
      const drawn = make("div", { "aria-hidden": "true" }, table(words.drawn, [], bars)); // the numbers once more
      show(results, numbers, drawn, signs, passes);

      const n = Number(gamma.value);
      told(
        say(words.says, {
          share: spell(found.share),
          n,
          tokens: spell(tokensAPass(found.share, n)),
          times: spell(timesAsFast(found.share, n, cost)),
          best: lengths[speeds.indexOf(Math.max(...speeds))],
          off: spell(Math.max(...found.out.map((each, i) => Math.abs(each - p[i])))),
        }),
      );
    };
    return update;
  });
})();
