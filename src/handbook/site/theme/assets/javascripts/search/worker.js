/* The search. Material's page speaks with a worker in four messages and does not ask what is behind them: here it is
   MiniSearch, with words cut and weighed for a handbook of code in English and Spanish. */
(() => {
  "use strict";
  const [SETUP, READY, QUERY, RESULT] = [0, 1, 2, 3];

  /* In a folder, a hidden frame takes the worker's place (iframe-worker.js): it loads scripts one after the other, and
     knows no address but the page's. */
  const here = self.document ? self.document.querySelector("script[src]").src : location.href;
  const loaded = importScripts(new URL("minisearch.js", here).href);

  const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").replace("√", "sqrt").toLowerCase();

  /* Light stemmers, on words without accents: whoever types «atencion» finds «atención». They only have to bring the
     forms of one word together; a word as it stands counts for more than what shares its stem. */
  const LANGUAGES = {
    en: {
      common: "a an and are as at be but by can do does for from has have how i if in into is it its must not of on or \
so than that the their then there they this to was what when where which while who why will with would you your",
      stem: (word) =>
        word
          .replace(/i[sz](?:e|ed|es|er|ers|ing|ations?)$/, "is")
          .replace(/ies$/, "y")
          .replace(/(ss|x|ch|sh)es$/, "$1")
          .replace(/([^su])s$/, "$1")
          .replace(/^(.*[aeiouy].*[^aeiouy]|.{4,})(?:ing|ed)$/, "$1")
          .replace(/([^aeiouls])\1$/, "$1")
          .replace(/e$/, ""),
    },
    es: {
      common: "a al ante como con cual cuando de del desde donde el ella en entre es esta este esto hay la las le les lo \
los mas me mi ni no o para pero por porque que quien se si sin sobre son su sus tan te tu un una uno y ya",
      stem: (word) =>
        word
          .replace(/ces$/, "z")
          .replace(/([^aeiou]|i?on)es$/, "$1")
          .replace(/([aeo])s$/, "$1")
          .replace(/^(.{3,})(?:iendo|ando|amiento|imiento|ados?|adas?|idos?|idas?|ar|er|ir)$/, "$1")
          .replace(/[aeo]$/, ""),
    },
  };

  /* A word is letters and digits; a dot, a hyphen or an underscore inside holds the parts of a name together. The minus
     of -inf belongs to it, and the sign of a root says sqrt. */
  const WORD = /√|(?<![\p{L}\p{N}])-inf(?![\p{L}\p{N}])|[\p{L}\p{N}]+(?:[._-]+[\p{L}\p{N}]+)*/gu;
  const PART = /\p{Lu}+(?!\p{Ll})|\p{Lu}?[\p{Ll}\p{Lo}\p{M}]+|\p{N}+/gu;

  let language, common, index, docs, parents, forms;

  const stemmed = (word) => (/^\p{L}{4,}$/u.test(word) ? language.stem(word) : word);

  /* What a word is found by: the whole without what joins it (KV-cache, kv_cache and KVCache are one), and its parts. */
  const cut = (word) => {
    const minus = word.startsWith("-") ? "-" : "";
    const whole = minus + fold(word.replace(/[._-]+/g, ""));
    const parts = word.split(/[._-]+/).flatMap((one) => [fold(one), ...(one.match(PART) ?? []).map(fold)]);
    return { whole, parts: [...new Set(parts)].filter((part) => part !== whole && part.length > 1) };
  };
  const cuts = new Map();
  const terms = (word) => {
    if (!cuts.has(word)) {
      const { whole, parts } = cut(word);
      const all = [whole, ...parts].filter((one) => !common.has(one));
      cuts.set(word, [...new Set([...all, ...all.map(stemmed)])]);
    }
    return cuts.get(word);
  };

  const escape = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

  const setup = (data) => {
    language = LANGUAGES[data.config.lang[0]];
    common = new Set(language.common.split(" "));
    docs = data.docs.map((doc, id) => ({ boost: 1, ...doc, id }));
    parents = new Map(docs.filter(({ location }) => !location.includes("#")).map((doc) => [doc.location, doc]));
    forms = new Map();
    for (const { title } of docs) for (const word of title.match(WORD) ?? []) forms.set(fold(word), word.toLowerCase());
    index = new MiniSearch({
      fields: ["title", "text"],
      tokenize: (text) => (text.match(WORD) ?? []).flatMap(terms),
      processTerm: (term) => term,
      searchOptions: { tokenize: (term) => [term], boost: { title: 4 }, boostDocument: (id) => docs[id].boost },
    });
    index.addAll(docs);
  };

  /* The terms by which a word that was typed is looked for, and what each of them counts. The stem counts most: a
     plural that is rare is no better an answer. A word that is being typed stands for all that begin with it. */
  const sought = (word, typing) => {
    const { whole, parts } = cut(word);
    const stem = stemmed(whole);
    const counts = new Map(parts.map((part) => [stemmed(part), 0.25 / parts.length]));
    counts.set(whole, 0.25).set(stem, 1);
    const prefix = typing && whole.length > 2;
    if (prefix && !index.search(stem).length) counts.set(whole, 1);
    return [...counts].map(([term, count]) => ({ term, count, prefix: prefix && term === whole }));
  };

  /* How much of a title was asked for; its number does not count. */
  const share = (title, matched) => {
    const words = (title.match(WORD) ?? []).filter((word) => !common.has(fold(word)) && !/^L?\d\d$/.test(word));
    return words.filter((word) => terms(word).some((term) => matched.has(term))).length / (words.length || 1);
  };

  const MOST = 100; // entries of an answer
  const LEAST = 0.05; // of the best score, to be among them
  const NEARLY = 0.7; // of the best score of a page, to be shown with it
  const search = (query) => {
    const typed = query.match(WORD) ?? [];
    const words = typed.filter((word) => !common.has(fold(word)));
    const scores = new Map();
    words.forEach((word, at) => {
      const typing = at === words.length - 1 && query.trimEnd().endsWith(word);
      for (const { term, count, prefix } of sought(word, typing)) {
        for (const { id, score, match } of index.search(term, { prefix })) {
          if (!scores.has(id)) scores.set(id, { score: 0, words: new Set(), titled: new Set(), matched: new Set() });
          const one = scores.get(id);
          one.score += count * score;
          one.words.add(word);
          for (const [form, fields] of Object.entries(match)) {
            one.matched.add(form);
            if (fields.includes("title")) one.titled.add(word);
          }
        }
      }
    });
    /* Whoever types several words looks for the place that has all of them, best as its title and nothing more. */
    const part = ({ size }) => size / words.length;
    const whole = ({ words, titled, matched }, { title }) => part(words) ** 2 * (1 + part(titled) * share(title, matched));
    const ranked = [...scores]
      .map(([id, one]) => ({ ...one, doc: docs[id], score: one.score * whole(one, docs[id]) }))
      .sort((a, b) => b.score - a.score);
    const groups = new Map();
    for (const one of ranked.slice(0, MOST)) {
      if (one.score < LEAST * ranked[0].score) break;
      const [page] = one.doc.location.split("#");
      if (!groups.has(page)) groups.set(page, []);
      groups.get(page).push(shown(one, words));
    }
    for (const [page, items] of groups) {
      /* Of a page, Material shows what has its highest score, and folds the rest. */
      for (const item of items) if (item.score > NEARLY * items[0].score) item.score = items[0].score;
      const parent = parents.get(page);
      if (parent && !items.some(({ location }) => location === page)) {
        items.push({ location: page, title: escape(parent.title), text: "", score: 0, terms: {} });
      }
    }
    return { items: [...groups.values()], suggest: suggested(typed.at(-1), ranked[0]) };
  };
  const LENGTH = 330; // of the text that is shown
  const LIT = 8; // words that the page will mark

  /* Where most of the words that were found stand near each other. */
  const densest = (places) => {
    let best = { number: 0, at: 0 };
    for (const { index: at } of places.slice(0, 50)) {
      const near = places.filter(({ index }) => index >= at && index < at + (2 / 3) * LENGTH);
      const number = new Set(near.map(([word]) => fold(word))).size;
      if (number > best.number) best = { number, at };
    }
    return best.at;
  };

  /* An entry with what was found marked: the whole title, and of the text the place that holds most of it. */
  const shown = ({ doc, score, words, matched }, asked) => {
    const found = {};
    const marks = (text) =>
      [...text.matchAll(WORD)].filter(([word]) => terms(word).some((term) => matched.has(term)));
    const marked = (text, places, first = 0, last = text.length) => {
      let html = "";
      let at = first;
      for (const { 0: word, index: from } of places) {
        if (from < first || from + word.length > last) continue;
        html += `${escape(text.slice(at, from))}<mark>${escape(word)}</mark>`;
        at = from + word.length;
        if (word.length > 1 && Object.keys(found).length < LIT) found[word.toLowerCase()] = true;
      }
      return html + escape(text.slice(at, last));
    };
    const title = marked(doc.title, marks(doc.title));
    const places = marks(doc.text);
    const from = densest(places);
    const first = from < LENGTH / 3 ? 0 : doc.text.indexOf(" ", from - LENGTH / 6) + 1;
    const space = doc.text.lastIndexOf(" ", first + LENGTH);
    const last = first + LENGTH >= doc.text.length || space <= first ? doc.text.length : space;
    const text = `${first ? "… " : ""}${marked(doc.text, places, first, last)}${last < doc.text.length ? " …" : ""}`;
    for (const word of asked) if (!words.has(word)) found[word] = false;
    return { location: doc.location, title, text: text && `<p>${text}</p>`, score, terms: found };
  };

  /* The word of the best find's title that goes on where the reader's last word ends. */
  const suggested = (word, best) => {
    const goesOn = (term) => forms.get(term)?.startsWith(word) && forms.get(term) !== word;
    return word && best ? [...best.matched].filter(goesOn).slice(0, 1).map((term) => forms.get(term)) : [];
  };

  addEventListener("message", async ({ data: { type, data } }) => {
    await loaded;
    if (type === SETUP) {
      setup(data);
      postMessage({ type: READY });
    } else if (type === QUERY) {
      postMessage({ type: RESULT, data: search(data) });
    }
  });
})();
