/* Lower Triangle: expressions behind numbers, quizzes that answer, folds that open for a link.
   The page can be read whole without any of it. */
(() => {
  "use strict";

  /* Material asks every alternate for a sitemap of its own, which a page does not have. Hide them while it looks. They
     are written relative, to hold wherever the site stands; what reads them wants whole addresses. */
  const alternates = [...document.querySelectorAll("link[rel=alternate]")];
  for (const link of alternates) {
    link.setAttribute("href", link.href);
    link.remove();
  }
  document.addEventListener("DOMContentLoaded", () => document.head.append(...alternates));

  const make = (tag, className, text = "") => {
    const element = document.createElement(tag);
    element.className = className;
    element.textContent = text;
    return element;
  };

  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

  /* What the reader has done stays in this browser, under one key: which pages were read to their end, which quizzes
     were answered rightly, in which box a card lies, which exam and which cards are under way. Where nothing can be
     kept, it lasts as long as the page. */
  const KEY = "lower-triangle";
  const PARTS = ["pages", "quizzes", "cards", "rounds"];
  let memory = null;
  const progress = {
    get() {
      let found = memory;
      try {
        found ??= JSON.parse(localStorage.getItem(KEY));
      } catch {}
      return Object.fromEntries(PARTS.map((part) => [part, { ...found?.[part] }]));
    },
    put(all) {
      try {
        localStorage.setItem(KEY, JSON.stringify(all));
        memory = null;
      } catch {
        memory = all;
      }
      markRead();
    },
    change(alter) {
      const all = progress.get();
      alter(all);
      progress.put(all);
    },
    lasts() {
      progress.put(progress.get());
      return memory === null && !window.handbookForgets;
    },
  };

  /* A section is read when each of its parts and its end have been on the screen: who jumps to the end has not been
     there. The navigation says so. */
  const pageAt = (address) => /\/((?:handbook|labs)\/[\w-]+)\.html$/.exec(new URL(address).pathname)?.[1];
  const markRead = () => {
    const { pages } = progress.get();
    for (const link of document.querySelectorAll(".md-nav--primary a.md-nav__link, .lt-evening li a:first-child")) {
      const read = pageAt(link.href) in pages;
      if (read === link.classList.contains("lt-read")) continue;
      link.classList.toggle("lt-read", read);
      if (read) link.append(make("span", "lt-hidden", ` (${document.querySelector("meta[name=lt-read]").content})`));
      else link.querySelector(".lt-hidden").remove();
    }
    /* Of what is to be read in one evening, the rest in minutes. */
    for (const list of document.querySelectorAll(".lt-evening")) {
      const links = [...list.querySelectorAll("li a:first-child")];
      const still = links.filter((link) => !link.classList.contains("lt-read"));
      const minutes = still.map((link) => Number(link.closest("li").querySelector(".lt-minutes").textContent));
      const words = JSON.parse(list.dataset.words);
      const all = links.length;
      const said = { read: all - still.length, all, minutes: minutes.reduce((sum, one) => sum + one, 0) };
      list.querySelector(".lt-evening__all").textContent = fill(said.read ? words.left : words.all, said);
    }
  };
  markRead();
  const here = pageAt(location.href);
  if (here) {
    const parts = [...document.querySelectorAll("article > h2")];
    const unseen = new Set([...parts, [...document.querySelectorAll("article > :not(script)")].at(-1)]);
    const reading = new IntersectionObserver((found) => {
      for (const { isIntersecting, target } of found) {
        if (isIntersecting && unseen.delete(target)) reading.unobserve(target);
      }
      if (!unseen.size) progress.change(({ pages }) => (pages[here] ??= new Date().toISOString().slice(0, 10)));
    });
    unseen.forEach((part) => reading.observe(part));
  }
  window.handbook = { fill, make, progress };

  /* "Not right?" leads to a form of the repository, filled with where that stands. */
  const asked = document.querySelector("meta[name=lt-doubt]");
  const doubt = (what, fields) => {
    const { words, page, version } = asked.dataset;
    const form = new URLSearchParams({
      template: `wrong-fact.${document.documentElement.lang}.yml`,
      title: `${page}: ${what}`,
      place: [page, fields.line].filter(Boolean).join(":"),
      claim: [what, fields.expression].filter(Boolean).join(" = "),
      version,
    });
    const link = make("a", "lt-doubt", words);
    link.href = `${asked.content}?${form}`;
    link.rel = "noopener";
    return link;
  };

  /* Pins. One tooltip serves them all. A touch shows it first and follows the link the second time. */
  const tip = make("div", "lt-tip");
  tip.id = "lt-tip";
  tip.setAttribute("role", "tooltip");
  tip.hidden = true;
  document.body.append(tip);
  let shown = null;
  let shownAtPress = null;
  let pointer = "";
  let leaving = 0;

  const hide = () => {
    clearTimeout(leaving);
    shown?.removeAttribute("aria-describedby");
    shown = null;
    tip.hidden = true;
  };

  const show = (pin) => {
    clearTimeout(leaving);
    if (shown === pin) return;
    hide();
    const { is, holds, row, from } = pin.dataset;
    tip.replaceChildren(
      make("code", "lt-tip__expression", is ?? row ?? `${holds} → True`),
      make("span", "lt-tip__from", `↑ ${from}`),
    );
    if (asked) tip.append(doubt(pin.textContent, { line: pin.dataset.line, expression: is ?? row ?? holds }));
    tip.hidden = false;
    const box = pin.getClientRects()[0];
    const room = document.documentElement.clientWidth - tip.offsetWidth - 8;
    const above = box.top - tip.offsetHeight - 8;
    const top = above > 56 ? above : pin.getBoundingClientRect().bottom + 8;
    tip.style.left = `${Math.max(8, Math.min(box.left + box.width / 2 - tip.offsetWidth / 2, room)) + scrollX}px`;
    tip.style.top = `${top + scrollY}px`;
    pin.setAttribute("aria-describedby", tip.id);
    shown = pin;
  };

  const pinAt = (event) => (event.target instanceof Element ? event.target.closest(".lt-pin") : null);
  const overTip = (event) => event.target instanceof Node && tip.contains(event.target);
  document.addEventListener("pointerover", (event) => {
    const pin = pinAt(event);
    if (pin && event.pointerType !== "touch") show(pin);
    else if (overTip(event)) clearTimeout(leaving);
    else if (shown && shown !== document.activeElement) {
      clearTimeout(leaving);
      leaving = setTimeout(hide, 200);
    }
  });
  document.addEventListener("focusin", (event) => (pinAt(event) ? show(pinAt(event)) : overTip(event) || hide()));
  document.addEventListener("focusout", (event) => {
    if (pinAt(event) && pinAt(event) === shown && !tip.contains(event.relatedTarget)) hide();
  });
  document.addEventListener("keydown", (event) => event.key === "Escape" && hide());
  document.addEventListener("pointerdown", (event) => {
    pointer = event.pointerType;
    shownAtPress = shown;
    if (!pinAt(event) && !overTip(event)) hide();
  }, true);
  document.addEventListener("click", (event) => {
    const pin = pinAt(event);
    if (!pin) return;
    const touched = pointer === "touch" && event.detail > 0;
    if (touched && shownAtPress !== pin) {
      event.preventDefault();
      show(pin);
    } else {
      hide();
      uncover(pin.hash); // before the browser goes there by itself, and remembers where it came from
    }
  });

  /* What waits below the first screen is laid out from the top down, in the browser's free moments. */
  const article = document.querySelector("article");
  const whenFree = window.requestIdleCallback ?? ((act) => setTimeout(act, 50));
  const waiting = [...article.children];
  const waits = (one) => waiting.some((part) => part.contains(one) || one.contains(part));

  /* For those who listen or use the keyboard: a copy button is no landmark, and what scrolls can be reached. Whether
     it scrolls is not asked of what still waits, which would have it laid out at once. */
  const SCROLLS = ".md-typeset__scrollwrap, .lt-math--block, pre > code";
  const makeReachable = (part) => {
    part.querySelectorAll(".md-code__nav:not([role])").forEach((nav) => nav.setAttribute("role", "none"));
    const boxes = [...part.querySelectorAll(SCROLLS)].filter((one) => !waits(one) && one.clientWidth);
    /* All is measured before anything is changed, or each change would have the page laid out once more. */
    const wide = boxes.map((one) => one.scrollWidth > one.clientWidth + 1);
    const offers = boxes.map((one, at) => one.matches("pre > code") && (wide[at] || isWrapped(one)));
    boxes.forEach((one, at) => {
      one.classList.toggle("lt-wide", wide[at]);
      if (wide[at]) one.tabIndex = 0;
      if (offers[at]) offerWrapping(one);
    });
  };

  /* A listing with lines that are longer than the screen is wide offers to wrap them; that is done everywhere, and
     remembered. What a block prints has no button of its own: the block's does. */
  const WRAPS = "lower-triangle-wraps";
  const wrapWord = document.querySelector("meta[name=lt-wrap]")?.content;
  const wraps = () => document.documentElement.classList.contains("lt-wraps");
  const isWrapped = (code) => {
    if (!wraps()) return false;
    const { lineHeight, paddingTop, paddingBottom } = getComputedStyle(code);
    const inside = code.clientHeight - parseFloat(paddingTop) - parseFloat(paddingBottom);
    return Math.round(inside / parseFloat(lineHeight)) > code.textContent.trimEnd().split("\n").length;
  };
  const offerWrapping = (code) => {
    const listing = code.closest(".highlight");
    const above = listing?.previousElementSibling;
    const block = listing?.closest(".lt-block") ?? (above?.matches(".lt-block") ? above : null);
    const nav = (block ?? listing)?.querySelector(".md-code__nav");
    if (!nav || nav.querySelector(".lt-wrap")) return; // it comes when the listing is near
    const button = make("button", "md-code__button lt-wrap");
    button.type = "button";
    button.title = wrapWord;
    button.setAttribute("aria-label", wrapWord);
    button.setAttribute("aria-pressed", String(wraps()));
    nav.prepend(button);
  };
  article.addEventListener("click", ({ target }) => {
    const pressed = target.closest(".lt-wrap");
    if (!pressed) return;
    const before = pressed.getBoundingClientRect().top;
    const on = document.documentElement.classList.toggle("lt-wraps");
    try {
      if (on) localStorage.setItem(WRAPS, "yes");
      else localStorage.removeItem(WRAPS);
    } catch {} // then it lasts as long as the page
    document.querySelectorAll(".lt-wrap").forEach((one) => one.setAttribute("aria-pressed", String(on)));
    scrollBy({ top: pressed.getBoundingClientRect().top - before, behavior: "instant" });
    makeReachable(article);
  });
  /* Scripts wrap tables and add buttons; a fold or a tab shows what had no size. */
  const changed = new Set();
  new MutationObserver((seen) => {
    if (!changed.size) {
      whenFree(() => {
        changed.forEach(makeReachable);
        changed.clear();
      });
    }
    seen.forEach(({ target }) => changed.add(target));
  }).observe(article, { childList: true, subtree: true });
  for (const event of ["toggle", "change"]) {
    article.addEventListener(event, ({ target }) => makeReachable(target.closest("details, .tabbed-set") ?? target), true);
  }
  window.addEventListener("resize", () => makeReachable(article));

  const layOut = () => {
    for (const part of waiting.splice(0, 6)) {
      part.closest("article > *")?.toggleAttribute("data-laid", true); // a table has a wrapper by now
    }
    makeReachable(article);
    if (waiting.length) whenFree(layOut);
  };
  addEventListener("load", () => whenFree(layOut));
  /* Or all at once; true where something may have waited. */
  const layOutAll = () => document.documentElement.classList.replace("lt-later", "lt-laid");

  /* A link may lead into a fold, behind a tab, or past what still waits and has a height that was guessed. Who comes from
     the search sees the words that were found: a proof that holds one of them is open too. */
  const sought = new URLSearchParams(location.search).get("h")?.toLowerCase().match(/\S+/g) ?? [];
  const uncover = (hash) => {
    const target = hash.length > 1 && document.getElementById(decodeURIComponent(hash.slice(1)));
    if (!target) return null;
    let hidden = layOutAll();
    for (let at = target; at; at = at.parentElement) {
      if (at.tagName === "DETAILS" && !at.open) hidden = at.open = true;
      if (at.classList.contains("tabbed-block")) {
        const input = at.parentElement.parentElement.querySelectorAll(":scope > input")[
          [...at.parentElement.children].indexOf(at)
        ];
        if (input && !input.checked) hidden = input.checked = true;
      }
    }
    for (const proof of target.querySelectorAll(".lt-proof:not([open])")) {
      if (sought.some((word) => proof.textContent.toLowerCase().includes(word))) hidden = proof.open = true;
    }
    return hidden ? target : null;
  };
  const reveal = (hash) => uncover(hash)?.scrollIntoView();
  window.addEventListener("hashchange", () => reveal(location.hash));
  document.addEventListener("DOMContentLoaded", () => reveal(location.hash));

  /* Of a page that the search shows because of one of its parts, no word is marked: its name leads to the first part. */
  for (const event of ["pointerdown", "click"]) { // the first, for a press that opens a tab of its own
    document.addEventListener(event, ({ target }) => {
      const page = target.closest?.(".md-search-result__item > a");
      const part = page?.parentElement.querySelector("a[href*='#']");
      if (part && page.search === "?h=") page.href = part.href;
    }, true);
  }

  /* The other language opens at the same place, which has the same name there: an open question in sight, or else the
     last heading, question or block that begins at the top or above it. At the page's beginning there is none. */
  const PLACES = ":is(h2, h3, h4, details, section, .lt-quiz, .lt-block, .lt-exhibit)[id]";
  const placeNow = () => {
    const top = document.querySelector(".md-header").getBoundingClientRect().bottom;
    const found = [...article.querySelectorAll(PLACES)].filter((one) => one.checkVisibility());
    const inSight = (one) => {
      const { top: begins, bottom: ends } = one.getBoundingClientRect();
      return ends > top && begins < innerHeight;
    };
    if (scrollY < top) return null;
    return (
      found.find((one) => one.matches("details[open]") && inSight(one)) ??
      found.findLast((one) => one.getBoundingClientRect().top <= top + 48)
    );
  };
  for (const link of document.querySelectorAll("a.lt-language")) {
    for (const event of ["pointerdown", "click"]) { // the first, for a press that opens a tab of its own
      link.addEventListener(event, () => {
        layOutAll();
        link.hash = placeNow()?.id ?? "";
      });
    }
  }

  /* The offer to keep the whole handbook here, where a browser can. The rest of it comes with a press, or where that was
     done. */
  const keeping = document.querySelector(".lt-keep");
  if (keeping && location.protocol.startsWith("http") && navigator.serviceWorker && window.caches) {
    const script = make("script", "");
    script.src = document.currentScript.src.replace("handbook.js", "keep.js");
    const come = () => document.head.append(script);
    keeping.hidden = false;
    keeping.querySelector("button").addEventListener("click", come, { once: true });
    caches.match(new URL(keeping.dataset.list, location.href)).then((kept) => kept && come(), () => {});
  }

  /* An answer that is opened can be doubted; what a proof or a pin shows has links of its own. */
  for (const question of asked ? document.querySelectorAll(".lt-question:not(.lt-practice *)") : []) {
    question.addEventListener("toggle", () => {
      const text = question.querySelector(".lt-question__text").textContent;
      const place = make("p", "lt-question__doubt");
      place.append(doubt(text, { line: `#${question.id}` }));
      question.append(place);
    }, { once: true });
  }

  /* Quizzes: each option answers for itself, and a right one opens the explanation. */
  for (const quiz of document.querySelectorAll(".lt-quiz:not(.lt-practice *)")) {
    const answer = quiz.querySelector(".lt-quiz__answer");
    const verdicts = quiz.querySelectorAll(".lt-verdict");
    quiz.classList.add("lt-quiz--live");
    [...quiz.querySelector(".lt-quiz__options").children].forEach((option, index) => {
      const letter = String.fromCharCode(65 + index);
      const button = make("button", "lt-quiz__pick", letter);
      const said = make("div", "lt-quiz__said");
      const text = option.querySelector(".lt-quiz__text");
      button.type = "button";
      button.setAttribute("aria-pressed", "false");
      text.id = `${quiz.id}-${letter.toLowerCase()}`;
      button.setAttribute("aria-describedby", text.id);
      said.setAttribute("role", "status");
      option.prepend(button);
      option.append(said);
      option.addEventListener("click", (event) => {
        if (event.target.closest("a, .lt-quiz__said")) return;
        const right = option.dataset.ticked === "true";
        if (!quiz.querySelector("[aria-pressed=true]")) progress.change(({ quizzes }) => (quizzes[quiz.id] = right));
        option.classList.add(right ? "lt-right" : "lt-wrong");
        button.setAttribute("aria-pressed", "true");
        said.replaceChildren(...[...verdicts[index].childNodes].map((node) => node.cloneNode(true)));
        if (right) answer.open = true;
      });
    });
  }

  /* The interview bank: one menu of levels and one of topics, made of what the list holds. */
  for (const bank of document.querySelectorAll(".lt-bank")) {
    const items = [...bank.querySelectorAll("li")];
    const bar = make("div", "lt-bank__filters");
    const menus = ["level", "topic"].map((what, part) => {
      const menu = make("select", "lt-bank__filter");
      const label = (item) => item.querySelector(".lt-bank__about").textContent.split(" · ")[part].trim();
      const names = new Map(items.map((item) => [item.dataset[what], label(item)]));
      menu.setAttribute("aria-label", bank.dataset[what]);
      menu.append(new Option(bank.dataset[what], ""), ...[...names].map(([value, name]) => new Option(name, value)));
      menu.autocomplete = "off"; // the browser would put back what was chosen, and not what was shown
      menu.value = history.state?.bank?.[part] ?? "";
      if (menu.selectedIndex < 0) menu.value = "";
      menu.addEventListener("change", () => {
        history.replaceState({ ...history.state, bank: menus.map((one) => one.value) }, "");
        choose();
      });
      return menu;
    });
    function choose() {
      const [level, topic] = menus.map((menu) => menu.value);
      for (const item of items) {
        item.hidden = (level && item.dataset.level !== level) || (topic && item.dataset.topic !== topic);
      }
      for (const section of bank.querySelectorAll("section")) {
        section.hidden = !section.querySelector("li:not([hidden])");
      }
    }
    bar.append(...menus);
    bank.prepend(bar);
    choose(); // who comes back finds the list as it was left
  }
})();
