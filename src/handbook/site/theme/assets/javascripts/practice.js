/* Lower Triangle: the exam, the cards and the reader's progress. The quizzes and the answers stand in the page, as
   the sections have them; this chooses among them, and counts. */
(() => {
  "use strict";

  const { make, progress } = window.handbook;
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
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

  /* The form chooses; `count` says what there is to choose from, `begin` gets it and answers with what to do next. */
  const choosing = (block, items, count, begin) => {
    const form = block.querySelector("form");
    const work = make("div", "lt-practice__work");
    block.append(work);
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
      const able = count(found(), form.querySelector("[role=status]"));
      form.querySelector("button").disabled = !able;
    };
    const again = () => {
      work.replaceChildren();
      form.hidden = false;
      say();
      form.elements.section.focus();
    };
    form.addEventListener("change", say);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      form.hidden = true;
      begin(found(), Number(form.elements.number.value) || Infinity, work, again);
    });
    say();
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

    const ask = (quiz, index) => {
      const asked = make("fieldset", "lt-exam__question");
      const legend = make("legend", "lt-quiz__question", `${index + 1}. `);
      legend.append(...clones(quiz.querySelector(".lt-quiz__question").childNodes));
      asked.append(legend);
      const ticked = [...quiz.querySelector(".lt-quiz__options").children].map((one) => one.dataset.ticked === "true");
      const several = ticked.filter(Boolean).length > 1;
      if (several) asked.append(make("p", "lt-exam__hint", words.several));
      const options = [...quiz.querySelectorAll(".lt-quiz__text")].map((text, at) => {
        const option = make("label", "lt-exam__option");
        const input = make("input", "");
        input.type = several ? "checkbox" : "radio";
        input.name = quiz.id;
        const holder = make("span", "");
        holder.append(...clones(text.childNodes));
        option.append(input, make("span", "lt-exam__letter", String.fromCharCode(65 + at)), holder);
        asked.append(option);
        return { option, input };
      });
      const picked = () => options.map(({ input }) => input.checked);
      return {
        asked,
        quiz,
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
          asked.append(make("p", `lt-exam__verdict lt-exam__verdict--${right ? "right" : "wrong"}`, said), answer);
        },
      };
    };

    const result = (questions, again) => {
      const marks = questions.map((question) => question.right());
      questions.forEach((question, at) => question.mark(marks[at]));
      progress.change((all) => questions.forEach(({ quiz }, at) => (all.quizzes[quiz.id] = marks[at])));
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
      if (missed.size) shown.append(list);
      shown.append(button(words.again, again));
      return shown;
    };

    const count = (found, status) => {
      status.textContent = fill(words.exam_count, { count: found.length });
      return found.length > 0;
    };

    const begin = (found, size, work, again) => {
      const questions = shuffled(found).slice(0, size).map(ask);
      const status = make("p", "lt-practice__count");
      status.setAttribute("role", "status");
      let warned = false;
      const finish = button(words.finish, () => {
        const missing = questions.filter((question) => !question.answered()).length;
        if (missing && !warned) {
          warned = true;
          status.textContent = fill(words.missing, { count: missing });
          return;
        }
        last.remove();
        const shown = result(questions, again);
        work.prepend(shown);
        goTo(shown);
      });
      const last = make("div", "lt-practice__begin");
      last.append(finish, status);
      work.replaceChildren(...questions.map((question) => question.asked), last);
      goTo(questions[0].asked);
    };

    choosing(block, quizzes, count, begin);
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
  const boxOf = (all, id) => {
    const { box, due } = all.cards[id] ?? {};
    return numbers(BOXES).includes(box - 1) && typeof due === "string" ? { box, due } : null;
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

    const begin = (found, size, work, again) => {
      const { due, fresh } = sorted(found);
      const dealt = [...shuffled(due), ...fresh].slice(0, size);
      const queue = [...dealt];
      const seen = new Set();
      let known = 0;
      const place = make("div", "lt-card");
      const status = make("p", "lt-practice__count");
      status.setAttribute("role", "status");
      work.replaceChildren(place, status);

      /* The first answer of a round counts; a card that was not known comes again at the end. */
      const rate = (card, knew) => {
        let said = "";
        if (!seen.has(card)) {
          seen.add(card);
          known += knew;
          const before = boxOf(progress.get(), card.id)?.box ?? 1;
          const box = knew ? Math.min(before + 1, BOXES) : 1;
          progress.change((all) => (all.cards[card.id] = { box, due: day(wait(box)) }));
          said = box === 1 ? words.tomorrow : fill(words.back_in, { days: wait(box) });
        }
        queue.shift();
        if (!knew) queue.push(card);
        next(said);
      };

      const next = (said) => {
        const left = fill(words.left, { count: queue.length });
        status.textContent = `${said} ${queue.length ? left : ""}`.trim();
        if (queue.length) show(queue[0]);
        else {
          const score = make("p", "lt-exam__score", fill(words.done, { known, all: dealt.length }));
          place.replaceChildren(score, button(words.again, again));
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
        const turn = button(words.show, () => {
          const back = make("div", "lt-card__back");
          back.append(...clones(card.children).filter((child) => child.tagName !== "SUMMARY"));
          const rating = make("div", "lt-practice__begin");
          rating.append(
            button(words.not_yet, () => rate(card, false)),
            button(words.knew, () => rate(card, true)),
          );
          turn.replaceWith(back, rating);
          goTo(back);
        });
        place.replaceChildren(front, turn);
      };

      next("");
    };

    choosing(block, questions, count, begin);
  };

  /* ---- The reader's progress ------------------------------------------------------------------------------ */

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
          status.textContent = words.erased;
        }
      },
    };
    for (const pressed of block.querySelectorAll("button")) {
      pressed.addEventListener("click", () => actions[pressed.name](pressed));
      if (pressed.name === "erase") pressed.addEventListener("blur", () => (pressed.textContent = words.erase));
    }
    file.addEventListener("change", async () => {
      try {
        const found = JSON.parse(await file.files[0].text());
        if (!progress.holds(found)) throw new Error();
        progress.put(found);
        status.textContent = words.restored;
      } catch {
        status.textContent = words.not_restored;
      }
      file.value = "";
      tell();
    });
    tell();
    if (!progress.lasts()) status.textContent = words.not_kept;
  };

  const kinds = { exam, cards, progress: account };
  for (const [kind, start] of Object.entries(kinds)) {
    for (const block of document.querySelectorAll(`.lt-practice--${kind}`)) {
      start(block, JSON.parse(block.dataset.words));
    }
  }
})();
