/* Lower Triangle: what the explorers are built of. Native inputs, buttons and tables; no number comes from here.

   An explorer is a function that gets its words and its start, puts controls and results on a panel, and returns
   what is to be done whenever a control changes. Until it has run, the element holds a drawing. */
(() => {
  "use strict";

  const { fill: say } = window.handbook;

  /* `make("button", { type: "button" }, "Run")`; a property of the element, or an attribute. */
  const make = (tag, properties = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(properties)) {
      if (name in element) element[name] = value;
      else element.setAttribute(name, value);
    }
    element.append(...children);
    return element;
  };

  /* As the pages write numbers: four decimals, integers bare; and what is very small or large by its power of ten. */
  const spell = (value) => {
    if (Number.isNaN(value)) return "nan";
    if (!Number.isFinite(value)) return value < 0 ? "-inf" : "inf";
    const size = Math.abs(value);
    if (size >= 1e5) return value.toExponential(size === 1e9 ? 0 : 1).replace("+", "");
    const whole = Math.round(value);
    if (value === whole || (whole && Math.abs(value - whole) < 1e-12)) return String(whole + 0);
    return size < 5e-5 ? value.toExponential(1) : value.toFixed(4);
  };

  /* A label and what it labels. */
  let named = 0;
  const field = (label, control) => {
    control.id = `lt-explorer-${++named}`;
    return make("div", { className: "lt-explorer__field" }, make("label", { htmlFor: control.id }, label), control);
  };

  /* A menu; each choice is a value, or a value and its name. One with long names is wide. */
  const menu = (label, choices, chosen, wide = false) => {
    const select = make("select");
    select.append(
      ...choices.map((choice) => {
        const [value, name] = Array.isArray(choice) ? choice : [choice, choice];
        return new Option(name, value, false, value === chosen);
      }),
    );
    select.field = field(label, select);
    select.field.classList.toggle("lt-explorer__field--wide", wide);
    return select;
  };

  /* A number to type. What is none, is out of its limits or is refused by `accept`, which then returns false, is said
     below it; what stood there before still counts, and comes back when the reader goes on. */
  const number = (value, limits, accept, words) => {
    const box = make("input", { type: "number", step: "any", inputMode: "decimal", required: true, value, ...limits });
    box.said = make("p", { className: "lt-explorer__wrong", role: "alert", id: `lt-explorer-${++named}` });
    box.setAttribute("aria-describedby", box.said.id);
    let good = value;
    const check = () => {
      const right = box.checkValidity() && accept(box.valueAsNumber) !== false;
      if (right) good = box.valueAsNumber;
      box.setAttribute("aria-invalid", String(!right));
      box.said.textContent = right ? "" : say(words.no_such_number, { value: good });
      return right;
    };
    box.put = (other) => {
      box.value = other;
      check();
    };
    box.addEventListener("input", check);
    box.addEventListener("change", () => check() || box.put(good));
    return box;
  };

  /* The same with its label, and what is said of it below. */
  const labelled = (label, ...typed) => {
    const box = number(...typed);
    box.field = field(label, box);
    box.field.append(box.said);
    return box;
  };

  const tick = (label, checked) => {
    const box = make("input", { type: "checkbox", checked });
    box.field = field(label, box);
    box.field.classList.add("lt-explorer__field--tick");
    return box;
  };

  const button = (label, action, properties = {}) => {
    const element = make("button", { type: "button", className: "lt-explorer__button", ...properties }, label);
    element.addEventListener("click", action);
    return element;
  };

  const upTo = (from, to) => Array.from({ length: to - from + 1 }, (_, k) => from + k);

  /* Fewer or more choices in a menu of numbers; what was chosen stays chosen where it still can be. */
  const limit = (select, from, to) => {
    const chosen = Math.min(Math.max(Number(select.value), from), to);
    if (select.options.length !== to - from + 1) select.replaceChildren(...upTo(from, to).map((n) => new Option(n, n)));
    select.value = chosen;
    return chosen;
  };

  /* A cell: text, an element, or `{ text, kind }` with a sign beside it that needs no colour. */
  const cell = (content, tag = "td") => {
    if (content === null || typeof content !== "object" || content instanceof Node) return make(tag, {}, content ?? "");
    const made = make(tag, { className: content.kind ? `lt-cell lt-cell--${content.kind}` : "" });
    const shown = content.sign === undefined ? content.text : make("span", { className: "lt-hidden" }, content.text);
    if (content.sign !== undefined) made.append(make("span", { "aria-hidden": "true" }, content.sign));
    made.append(shown);
    if (content.share !== undefined) {
      made.style.setProperty("--lt-share", `${100 * Math.sqrt(content.share)}%`);
      made.firstChild.className = "lt-cell__share";
    }
    return made;
  };

  /* The head of a column or a row; the corner where nothing stands is none. */
  const headed = (head, scope) => {
    const made = cell(head, head === "" ? "td" : "th");
    if (head !== "") made.scope = scope;
    return made;
  };

  /* A table: its title, the heads of its columns, and rows that begin with their own head. */
  const table = (title, heads, rows, className = "") => {
    const id = `lt-explorer-${++named}`;
    const made = make(
      "table",
      { className: `lt-explorer__table ${className}`, "aria-labelledby": id },
      ...(heads.length ? [make("thead", {}, make("tr", {}, ...heads.map((head) => headed(head, "col"))))] : []),
      make(
        "tbody",
        {},
        ...rows.map(([head, ...cells]) => make("tr", {}, headed(head, "row"), ...cells.map((content) => cell(content)))),
      ),
    );
    return make("div", {}, make("p", { className: "lt-explorer__title", id }, title), made);
  };

  /* What the cells mean: each `{ text, kind, sign }` as it stands in a table, with its text beside it. */
  const legend = (...entries) =>
    make(
      "ul",
      { className: "lt-explorer__legend" },
      ...entries.map(({ kind, sign, text }) => {
        const sample = make("span", { className: `lt-cell lt-cell--${kind}`, "aria-hidden": "true" }, sign);
        return make("li", {}, sample, text);
      }),
    );

  /* Parts of a whole, side by side: each `[kind, share]`, those that are zero but for rounding left out. The numbers are
     those of a table beside it. */
  const bar = (...parts) =>
    make(
      "div",
      { className: "lt-bar" },
      ...parts.filter(([, share]) => share > 1e-12).map(([kind, share]) => {
        const part = make("i", { className: `lt-cell lt-cell--${kind}` });
        part.style.width = `${100 * share}%`;
        return part;
      }),
    );

  /* What is shown anew keeps the focus where it was. */
  const show = (place, ...content) => {
    const active = document.activeElement;
    const label = place.contains(active) ? active.getAttribute("aria-label") ?? active.textContent : null;
    place.replaceChildren(...content);
    if (label === null) return;
    const again = [...place.querySelectorAll("button, input")].find(
      (one) => (one.getAttribute("aria-label") ?? one.textContent) === label,
    );
    again?.focus({ preventScroll: true });
  };

  const tools = { make, say, spell, menu, number, labelled, tick, button, upTo, limit, table, bar, legend, show };

  window.handbookExplorer = (name, build) =>
    customElements.define(
      `${name}-explorer`,
      class extends HTMLElement {
        connectedCallback() {
          if (this.panel) return;
          const words = JSON.parse(this.dataset.words);
          this.panel = make("div", { className: "lt-explorer__panel", role: "group", "aria-label": words.name });
          const controls = make("div", { className: "lt-explorer__controls" });
          const results = make("div", { className: "lt-explorer__results" });
          const status = make("p", { className: "lt-explorer__status", role: "status" });
          this.panel.append(controls, results, status);
          const told = (text) => status.textContent !== text && (status.textContent = text);
          const update = build({ ...tools, words, start: JSON.parse(this.dataset.start), controls, results, told });
          this.panel.addEventListener("input", update);
          update();
          this.append(this.panel);
          this.classList.add("lt-explorer--live");
        }
      },
    );
})();
