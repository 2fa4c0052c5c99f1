/* Lower Triangle: the exam, the cards and the reader's progress. The quizzes and the answers stand in the page, as
   the sections have them; this chooses among them, and counts. */
(() => {
  "use strict";

  const { fill, make, progress } = window.handbook;
  const clones = (nodes) => [...nodes].map((node) => node.cloneNode(true));
  const numbers = (count) => [...Array(count).keys()];

  const button = (text, action) => {
    const made = make("button", "lt-practice__button", text);
    made.type = "button";
    made.addEventListener("click", action);
    return made;
  };

  const shuffled = (items) => {
    const left = [...items];
    return numbers(items.length).map(() => left.splice(Math.floor(Math.random() * left.length), 1)[0]);
  };

  const sectionOf = (item) => item.closest("section").querySelector(".lt-bank__section a");

  /* ---- Rounds: an exam, or a deal of cards ----------------------------------------------------------------- */

  /* What was kept may come from a file: what the page does not have is passed over. */
  const listed = (ids, items) =>
    [...new Set(Array.isArray(ids) ? ids : [])].map((id) => items.find((item) => item.id === id)).filter(Boolean);

  /* The form chooses. `count` says what there is to choose from, `draw` makes a round of it, and `play` goes through a
     round and answers whether there is anything in it. A round holds ids and how far the reader is; it is kept with the
     progress until the reader chooses again, so that a reload loses nothing. */
  const choosing = (block, kind, items, words, { count, draw, play }) => {
    const form = block.querySelector("form");
    const begin = form.querySelector("button");
    const work = make("div", "lt-practice__work");
    const kept = () => progress.get().rounds[kind];
    const found = () => {
      const { section, topic, level } = form.elements;
      return items.filter(
        (item) =>
          [item.closest("section").dataset.section, ""].includes(section.value) &&
          [...item.dataset.topic.split(" "), ""].includes(topic.value) &&
          [item.dataset.level, ""].includes(level.value),
      );
    };
    const say = () => {
      begin.disabled = !count(found(), form.querySelector("[role=status]"));
      resume.hidden = !kept();
    };
    const close = () => {
      work.replaceChildren();
      form.hidden = false;
      fillPhone(false);
      say();
      form.elements.section.focus();
    };
    const table = {
      work,
      keep: (round) => progress.change((all) => (all.rounds[kind] = { ...round, open: true })),
      leave() {
        progress.change((all) => (all.rounds[kind].open = false));
        close();
      },
      end() {
        progress.change((all) => delete all.rounds[kind]);
        fillPhone(false);
      },
      again() {
        table.end();
        close();
      },
      start(round) {
        form.hidden = true;
        fillPhone(true);
        if (!play(round, table)) table.again();
      },
    };
    const resume = button(words.resume, () => table.start(kept()));
    begin.after(resume);
    block.append(work);
    form.addEventListener("change", say);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      table.start(draw(found(), Number(form.elements.number.value) || Infinity));
    });
    addEventListener("pageshow", say); // a browser that comes back puts back what was chosen
    /* A link may say what is to be practised, as `?number=10` does; the form then begins with that. */
    for (const [name, value] of new URLSearchParams(location.search)) {
      const menu = form.elements[name];
      if ([...(menu?.options ?? [])].some((option) => option.value === value)) menu.value = value;
    }
    say();
    if (kept()?.open) table.start(kept());
  };

  /* While a round is played, a phone shows nothing else. */
  const fillPhone = (on) => document.documentElement.classList.toggle("lt-practising", on);

  /* What a round is played on: where the reader is and the way out, the question, and a bar that stays in reach. */
  const desk = ({ work, leave }, words) => {
    const where = make("p", "lt-practice__where");
    const top = make("div", "lt-practice__top");
    const place = make("div", "lt-practice__place");
    const status = make("p", "lt-practice__count");
    const buttons = make("div", "lt-practice__buttons");
    const bar = make("div", "lt-practice__bar");
    status.setAttribute("role", "status");
    top.append(where, button(words.leave, leave));
    bar.append(status, buttons);
    work.replaceChildren(top, place, bar);
    return { where, top, place, status, buttons };
  };

  /* What has appeared is read aloud, and the keyboard goes on from there. */
  const goTo = (element, shown = element) => {
    element.tabIndex = -1;
    element.focus({ preventScroll: true });
    shown.scrollIntoView({ block: "nearest" });
  };

  /* ---- The exam ------------------------------------------------------------------------------------------- */

  const exam = (block, words) => {
    const quizzes = [...block.querySelectorAll(".lt-quiz")];

    const ask = (quiz, index, picks) => {
      const asked = make("div", "lt-exam__question");
      const field = make("fieldset", "");
      asked.append(field);
      const legend = make("legend", "lt-quiz__question", `${index + 1}. `);
      legend.append(...clones(quiz.querySelector(".lt-quiz__question").childNodes));
      field.append(legend);
      const ticked = [...quiz.querySelector(".lt-quiz__options").children].map((one) => one.dataset.ticked === "true");
      const several = ticked.filter(Boolean).length > 1;
      if (several) field.append(make("p", "lt-exam__hint", words.several));
      const options = [...quiz.querySelectorAll(".lt-quiz__text")].map((text, at) => {
        const option = make("label", "lt-exam__option");
        const input = make("input", "");
        input.type = several ? "checkbox" : "radio";
        input.name = quiz.id;
        input.checked = Array.isArray(picks) && picks.includes(at);
        const holder = make("span", "");
        holder.append(...clones(text.childNodes));
        option.append(input, make("span", "lt-exam__letter", String.fromCharCode(65 + at)), holder);
        field.append(option);
        return { option, input };
      });
      const picked = () => options.map(({ input }) => input.checked);
      return {
        asked,
        field,
        quiz,
        number: index + 1,
        picks: () => numbers(options.length).filter((at) => picked()[at]),
        answered: () => picked().includes(true),
        right: () => picked().every((pick, at) => pick === ticked[at]),
        /* The answer, as the section has it, under the options. */
        mark(right) {
          options.forEach(({ option, input }, at) => {
            input.disabled = true;
            if (ticked[at]) option.classList.add("lt-right");
            else if (input.checked) option.classList.add("lt-wrong");
          });
          const answer = quiz.querySelector(".lt-quiz__answer").cloneNode(true);
          answer.open = !right;
          const there = sectionOf(quiz).cloneNode(true);
          there.hash = quiz.id;
          const where = make("p", "lt-exam__where");
          where.append(there);
          answer.append(where);
          const said = right ? words.correct : picked().includes(true) ? words.incorrect : words.unanswered;
          field.append(make("p", `lt-exam__verdict lt-exam__verdict--${right ? "right" : "wrong"}`, said));
          asked.append(answer);
        },
      };
    };

    const missedBefore = (found) => {
      const all = progress.get();
      return found.filter((quiz) => all.quizzes[quiz.id] === false);
    };

    const count = (found, status) => {
      const missed = missedBefore(found).length;
      const again = missed ? ` ${fill(words.missed_before, { count: missed })}` : "";
      status.textContent = fill(words.exam_count, { count: found.length }) + again;
      return found.length > 0;
    };

    /* What was missed comes again, as up to half of the exam; the rest by chance. */
    const draw = (found, size) => {
      const missed = shuffled(missedBefore(found)).slice(0, Math.ceil(size / 2));
      const others = shuffled(found.filter((quiz) => !missed.includes(quiz)));
      return { asked: shuffled([...missed, ...others].slice(0, size)).map((quiz) => quiz.id) };
    };

    const result = (questions, table) => {
      const marks = questions.map((question) => question.right());
      questions.forEach((question, at) => question.mark(marks[at]));
      const shown = make("div", "lt-exam__result");
      const right = marks.filter(Boolean).length;
      const score = make("p", "lt-exam__score", fill(words.score, { right, all: marks.length }));
      const missed = new Map();
      questions.forEach(({ quiz }, at) => {
        if (!marks[at]) missed.set(sectionOf(quiz), (missed.get(sectionOf(quiz)) ?? 0) + 1);
      });
      shown.append(score, make("p", "lt-bank__section", missed.size ? words.reread : words.nothing_to_reread));
      const list = make("ul", "lt-exam__reread");
      for (const [link, count] of missed) {
        const item = make("li", "");
        item.append(link.cloneNode(true), ` · ${fill(words.missed, { count })}`);
        list.append(item);
      }
      const next = make("div", "lt-practice__begin");
      if (missed.size) {
        const asked = questions.filter((_, at) => !marks[at]).map(({ quiz }) => quiz.id);
        shown.append(list);
        next.append(button(words.ask_missed, () => table.start({ asked })));
      }
      next.append(button(words.again, table.again));
      shown.append(next);
      fillPhone(false);
      table.work.replaceChildren(shown, ...questions.map(({ asked }) => asked));
      for (const { asked } of questions) asked.hidden = false;
      goTo(shown);
      return marks;
    };

    const play = (round, table) => {
      const questions = listed(round.asked, quizzes).map((quiz, index) => ask(quiz, index, round.picked?.[quiz.id]));
      if (!questions.length) return false;
      let at = questions[round.at] ? round.at : 0;
      const keep = (done) => {
        const asked = questions.map(({ quiz }) => quiz.id);
        const picked = Object.fromEntries(questions.map(({ quiz, picks }) => [quiz.id, picks()]));
        table.keep({ asked, picked, at, done });
      };
      if (round.done === true) {
        result(questions, table);
        return true;
      }

      const { where, place, status, buttons } = desk(table, words);
      const go = (to) => {
        at = to;
        questions.forEach(({ asked }, index) => (asked.hidden = index !== at));
        where.textContent = fill(words.question_of, { at: at + 1, all: questions.length });
        [back.disabled, next.disabled] = [at === 0, at === questions.length - 1];
        keep(false);
        goTo(questions[at].field, where);
      };
      let warned = false;
      const warn = (missing) => {
        warned = true;
        const [before, after] = words.missing.split("{numbers}");
        const ways = missing.flatMap(({ number }) => {
          const way = button(number, () => go(number - 1));
          way.className = "lt-exam__way";
          way.setAttribute("aria-label", fill(words.question, { number }));
          return [" ", way];
        });
        status.replaceChildren(before, ...ways.slice(1), after);
      };
      const back = button(words.previous, () => go(at - 1));
      const finish = button(words.finish, () => {
        const missing = questions.filter((question) => !question.answered());
        if (missing.length && !warned) return warn(missing);
        keep(true);
        const marks = result(questions, table);
        progress.change((all) => questions.forEach(({ quiz }, index) => (all.quizzes[quiz.id] = marks[index])));
      });
      const next = button(words.next, () => go(at + 1));
      buttons.append(back, finish, next);
      place.append(...questions.map(({ asked }) => asked));
      place.addEventListener("change", () => {
        warned = false;
        status.replaceChildren();
        keep(false);
      });
      go(at);
      return true;
    };

    choosing(block, "exam", quizzes, words, { count, draw, play });
  };

  /* ---- The cards: Leitner's boxes ------------------------------------------------------------------------- */

  /* A card of box n comes back after 2^(n - 1) days. Known: one box up. Not known: back to the first. */
  const BOXES = 5;
  const wait = (box) => 2 ** (box - 1);
  const day = (ahead) => {
    const then = new Date();
    then.setDate(then.getDate() + ahead);
    return new Date(then - then.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
  };
  const isDay = (text) => /^\d{4}-\d\d-\d\d$/.test(text);
  const boxOf = (all, id) => {
    const { box, due } = all.cards[id] ?? {};
    return numbers(BOXES).includes(box - 1) && isDay(due) ? { box, due } : null;
  };

  const cards = (block, words) => {
    const questions = [...block.querySelectorAll(".lt-question")];

    const sorted = (found) => {
      const all = progress.get();
      const kept = found.map((card) => [card, boxOf(all, card.id)]);
      const due = kept.filter(([, box]) => box && box.due <= day(0)).map(([card]) => card);
      return { due, fresh: kept.filter(([, box]) => !box).map(([card]) => card) };
    };

    const count = (found, status) => {
      const { due, fresh } = sorted(found);
      status.textContent = fill(words.cards_count, { due: due.length, new: fresh.length });
      return due.length + fresh.length > 0;
    };

    const draw = (found, size) => {
      const { due, fresh } = sorted(found);
      const queue = [...shuffled(due), ...fresh].slice(0, size).map((card) => card.id);
      return { queue };
    };

    const play = (round, table) => {
      const queue = listed(round.queue, questions);
      if (!queue.length) return false;
      const seen = new Set(listed(round.seen, questions));
      let known = Number(round.known ?? 0);
      const { top, place, status, buttons } = desk(table, words);
      place.classList.add("lt-card");

      /* The first answer of a round counts; a card that was not known comes again at the end. */
      const rate = (card, knew) => {
        let said = "";
        if (!seen.has(card)) {
          seen.add(card);
          known += knew;
          const before = boxOf(progress.get(), card.id)?.box ?? 1;
          const box = knew ? Math.min(before + 1, BOXES) : 1;
          progress.change((all) => (all.cards[card.id] = { box, due: day(wait(box)) }));
          if (progress.lasts()) said = box === 1 ? words.tomorrow : fill(words.back_in, { days: wait(box) });
        }
        queue.shift();
        if (!knew) queue.push(card);
        next(said);
      };

      const next = (said) => {
        const ids = (cards) => [...cards].map((card) => card.id);
        const left = fill(words.left, { count: queue.length });
        status.textContent = `${said} ${queue.length ? left : ""}`.trim();
        if (queue.length) {
          table.keep({ queue: ids(queue), seen: ids(seen), known });
          show(queue[0]);
        } else {
          table.end();
          top.remove();
          place.replaceChildren(make("p", "lt-exam__score", fill(words.done, { known, all: seen.size })));
          buttons.replaceChildren(button(words.again, table.again));
        }
        goTo(place.firstChild, place);
      };

      const show = (card) => {
        const box = boxOf(progress.get(), card.id)?.box;
        const front = make("div", "lt-card__front");
        const about = make("p", "lt-bank__about");
        about.append(`${sectionOf(card).textContent} · `, card.querySelector(".lt-level").cloneNode(true));
        about.append(` · ${box ? fill(words.box, { box }) : words.new}`);
        const question = make("p", "lt-card__question");
        question.append(...clones(card.querySelector(".lt-question__text").childNodes));
        front.append(about, question);
        place.replaceChildren(front);
        const turn = button(words.show, () => {
          const back = make("div", "lt-card__back");
          back.append(...clones(card.children).filter((child) => child.tagName !== "SUMMARY"));
          place.append(back);
          buttons.replaceChildren(
            button(words.not_yet, () => rate(card, false)),
            button(words.knew, () => rate(card, true)),
          );
          goTo(back);
        });
        buttons.replaceChildren(turn);
      };

      next("");
      return true;
    };

    choosing(block, "cards", questions, words, { count, draw, play });
  };

  /* ---- The reader's progress ------------------------------------------------------------------------------ */

  /* What a file or the storage holds that can be understood, and nothing else. */
  const holds = (found) => {
    const able = {
      pages: isDay,
      quizzes: (right) => typeof right === "boolean",
      cards: (_, id) => boxOf(found, id) !== null,
    };
    const part = ([name, good]) => {
      const entries = typeof found?.[name] === "object" ? Object.entries(found[name] ?? {}) : [];
      return [name, Object.fromEntries(entries.filter(([id, value]) => good(value, id)))];
    };
    return Object.fromEntries(Object.entries(able).map(part));
  };
  const amount = (all) => Object.values(all).reduce((sum, part) => sum + Object.keys(part).length, 0);

  /* Of two that are known, what is further counts: read, right, the higher box. */
  const merged = (here, found) => {
    const further = (part, better) => {
      const all = { ...here[part] };
      for (const [id, value] of Object.entries(found[part])) {
        if (!Object.hasOwn(all, id) || better(value, all[id])) all[id] = value;
      }
      return all;
    };
    return {
      pages: further("pages", (one, other) => one < other),
      quizzes: further("quizzes", (one, other) => one && !other),
      cards: further("cards", (one, other) => one.box > other.box),
      rounds: progress.get().rounds,
    };
  };

  const account = (block, words) => {
    const status = block.querySelector("[role=status]");
    const tell = () => {
      const all = progress.get();
      const part = (cell, known) => {
        const ids = cell.dataset.ids.split(" ").filter(Boolean);
        if (ids.length) cell.textContent = `${ids.filter(known).length} / ${ids.length}`;
      };
      for (const row of block.querySelectorAll("tbody tr")) {
        const [read, quizzes, known] = row.querySelectorAll("td");
        read.textContent = row.dataset.page in all.pages ? "✓" : "–";
        part(quizzes, (id) => all.quizzes[id] === true);
        part(known, (id) => (boxOf(all, id)?.box ?? 1) > 1);
      }
    };
    const file = block.querySelector("input[type=file]");
    const say = (text, ...more) => status.replaceChildren(text, ...more);
    const put = (all) => {
      progress.put(all);
      tell();
      say(words.restored);
      status.tabIndex = -1; // the pressed button is gone
      status.focus();
    };
    /* Where nothing is kept yet, nothing can be lost; else the reader says what becomes of it. */
    const restore = (found) => {
      const here = holds(progress.get());
      if (!amount(here)) return put(found);
      const counts = fill(words.in_both, { file: amount(found), here: amount(here) });
      const ways = make("span", "lt-practice__begin");
      ways.append(
        button(words.merge, () => put(merged(here, found))),
        button(words.replace, () => put(found)),
        button(words.cancel, () => say(words.unchanged)),
      );
      say(counts, ways);
    };
    const actions = {
      export() {
        const content = new Blob([JSON.stringify(progress.get(), null, 2)], { type: "application/json" });
        const link = make("a", "");
        link.href = URL.createObjectURL(content);
        link.download = "lower-triangle-progress.json";
        link.click();
        setTimeout(() => URL.revokeObjectURL(link.href), 1000);
      },
      restore: () => file.click(),
      erase(pressed) {
        const sure = pressed.textContent === words.really_erase;
        pressed.textContent = sure ? words.erase : words.really_erase;
        if (sure) {
          progress.put({});
          tell();
          say(words.erased);
        }
      },
    };
    for (const pressed of block.querySelectorAll("button")) {
      pressed.addEventListener("click", () => actions[pressed.name](pressed));
      if (pressed.name === "erase") pressed.addEventListener("blur", () => (pressed.textContent = words.erase));
    }
    file.addEventListener("change", async () => {
      try {
        const found = holds(JSON.parse(await file.files[0].text()));
        if (!amount(found)) throw new Error();
        restore(found);
      } catch {
        say(words.not_restored);
      }
      file.value = "";
    });
    tell();
  };

  for (const [kind, start] of Object.entries({ exam, cards, progress: account })) {
    for (const block of document.querySelectorAll(`.lt-practice--${kind}`)) {
      const words = JSON.parse(block.dataset.words);
      if (!progress.lasts()) block.querySelector(".lt-practice__kept").textContent = words.not_kept;
      start(block, words);
    }
  }
})();
