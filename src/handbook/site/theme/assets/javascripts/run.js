/* Lower Triangle: run and edit the page's NumPy blocks here, with no server. Python is fetched when it is about to be needed.

   A page is a script, as in the tests: running a block first runs those above it, once each, in one namespace. */
(() => {
  "use strict";

  const meta = document.querySelector("meta[name=lt-runtime]");
  if (!meta) return; // the site was built without the runtime: no buttons
  const { words, folder, assets, path } = JSON.parse(meta.dataset.runtime);
  const root = meta.content; // of the site
  const { make } = window.handbook;

  const script = (address) =>
    new Promise((resolve, reject) => {
      const element = make("script", "");
      element.src = address;
      element.onload = resolve;
      element.onerror = () => reject(new Error(words.missing));
      document.head.append(element);
    });

  const beside = (name) => document.currentScript.src.replace(/run\.js/, name);
  const pythonAt = beside("python.js");
  let fetching = null;
  let python = null;
  const fetchPython = () => {
    fetching ??= script(pythonAt).then(() => {
      const runtime = new URL(`${root}${folder}/`, location.href).href;
      python = window.handbookPython({ runtime, assets, words, script });
    });
    fetching.catch(() => (fetching = null));
    return fetching;
  };
  let ready = false;
  const start = () =>
    fetchPython()
      .then(() => python.start())
      .then(() => (ready = true));

  /* ---- The blocks ----------------------------------------------------------------------------------------- */

  /* What the page shows as a block's output: the text fence right after it. */
  const recorded = (block) => {
    const next = block.nextElementSibling;
    return next?.matches(".language-text") ? next : null;
  };
  const text = (element) => element.querySelector("pre > code").textContent;

  let busy = null; // the block whose Run was pressed
  let running = null; // that one, or one above it
  let following = null; // runs when the other one has ended
  const done = []; // the code that has run in the worker's namespace, in order

  /* A verdict is read aloud; it stands below the output, which may be long. */
  const live = make("div", "lt-hidden");
  live.setAttribute("role", "status");
  document.body.append(live);

  const inSight = (element) => {
    const { top, bottom } = element.getBoundingClientRect();
    return bottom > 0 && top < innerHeight;
  };

  /* What the editor does with keys comes with the first press of Edit. */
  const editorAt = beside("edit.js");
  let editor = null;
  /* Where it does not come, the browser's own keys do meanwhile. */
  const fetchEditor = () => (editor ??= script(editorAt).catch(() => (editor = null)));

  class RunBlock {
    constructor(block) {
      this.block = block;
      this.code = block.querySelector("pre > code");
      this.original = this.code.innerHTML;
      this.name = words.block.replace("{number}", block.dataset.block);
      this.bar = make("div", "lt-run");
      this.status = make("span", "lt-run__status");
      this.status.setAttribute("role", "status");
      this.play = this.button("run", () => this.press());
      this.play.addEventListener("pointerenter", prepare); // the press is near
      this.change = this.button("edit", () => this.edit());
      this.back = this.button("reset", () => this.reset());
      this.back.hidden = true;
      this.bar.append(this.status, this.play, this.change, this.back);
      this.keys = make("p", "lt-run__keys", words.keys);
      this.keys.id = `${block.id}-keys`;
      block.append(this.bar);
      this.code.addEventListener("input", () => (this.back.hidden = false));
      this.code.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
        event.preventDefault();
        if (busy !== this) this.press();
      });
    }

    /* Run, or end what this button began; what another block runs goes on, and this one comes after it. */
    press() {
      if (busy === this) stop();
      else if (following === this) this.unqueue();
      else if (busy) {
        following?.unqueue();
        following = this;
        this.working(true);
        this.say(words.waits.replace("{number}", busy.block.dataset.block), busy);
      } else run(this);
    }

    unqueue() {
      following = null;
      this.working(false);
      this.say("");
    }

    button(word, action) {
      const button = make("button", `lt-run__button lt-run__button--${word}`, words[word]);
      button.type = "button";
      button.setAttribute("aria-label", `${words[word]}: ${this.name}`);
      button.addEventListener("click", action);
      return button;
    }

    edit() {
      const { code } = this;
      code.contentEditable = "plaintext-only";
      if (code.contentEditable !== "plaintext-only") code.contentEditable = "true";
      code.setAttribute("role", "textbox");
      code.setAttribute("aria-multiline", "true");
      code.setAttribute("aria-label", this.name);
      code.setAttribute("aria-describedby", this.keys.id);
      code.spellcheck = false;
      this.block.append(this.keys);
      fetchEditor().then(() => window.handbookEditor?.(code));
      code.focus();
    }

    reset() {
      this.code.innerHTML = this.original;
      this.result?.remove();
      this.back.hidden = true;
      if (running === this) this.say(words.still, busy);
      else if (busy !== this && following !== this) this.say("");
    }

    /* What is going on here; about another block it leads there. */
    say(text, about = null) {
      this.status.replaceChildren(text);
      if (about === null || about === this) return;
      const link = make("a", "", text);
      link.href = `#${about.block.id}`;
      this.status.replaceChildren(link);
    }

    working(on) {
      this.play.textContent = on ? words.stop : words.run;
      this.play.classList.toggle("lt-run__button--stop", on);
    }

    /* What the block printed, its lines compared with those of the page. */
    show({ stdout, error, line }, code) {
      this.result?.remove();
      const shown = recorded(this.block);
      const result = make("div", "lt-run__result");
      const expected = shown ? text(shown).split("\n") : [];
      const lines = stdout.replace(/\n$/, "").split("\n");
      const same = !error && stdout === (shown ? text(shown) : "");
      const verdict = error ? words.failed.replace("{line}", line) : same ? words.same : words.differs;
      result.append(make("p", `lt-run__verdict lt-run__verdict--${same ? "same" : "differs"}`, verdict));
      if (!same && (stdout || error)) {
        const pre = make("pre", "lt-run__output");
        pre.tabIndex = 0;
        if (stdout) {
          lines.forEach((content, index) => {
            const differs = content !== (expected[index] ?? null);
            pre.append(make(differs ? "mark" : "span", "", content), "\n");
          });
        }
        if (error) {
          const source = code.split("\n")[line - 1]?.trim() ?? "";
          pre.append(make("strong", "lt-run__error", `${source}\n${error}`));
        }
        result.append(pre);
      }
      this.result = result;
      (shown ?? this.block).after(result);
      this.back.hidden = false;
      live.textContent = `${this.name}: ${verdict}`;
      // The button hangs above its block and may be all that is seen of it; with neither the reader is elsewhere by now.
      if (inSight(this.block) || inSight(this.bar)) result.scrollIntoView({ block: "nearest" });
    }
  }

  /* Why a block does not run here; nothing for one that does. */
  const whyNot = (block) =>
    block.querySelector("[data-reason]")?.dataset.reason ??
    (block.dataset.needs === "torch" ? words.locally.replace("{path}", path) : "");

  /* Begin before the press, unless the reader saves data; what fails here is said when the button is pressed. */
  const prepare = () => navigator.connection?.saveData || start().catch(() => {});

  const blocks = [];
  for (const block of document.querySelectorAll(".lt-block")) {
    const reason = whyNot(block);
    if (reason) {
      const bar = make("div", "lt-run");
      bar.append(make("span", "lt-run__local", words.local));
      bar.title = reason;
      block.append(bar);
    } else {
      blocks.push(new RunBlock(block));
    }
  }

  const stop = () => {
    const stopped = busy;
    python?.stop();
    ready = false;
    done.length = 0;
    stopped.say(words.stopped);
    stopped.result?.remove(); // it was another run's
    end(stopped);
  };

  /* What has ended says no more that it still runs. */
  const runs = (one) => {
    if (running !== busy) running?.say("");
    running = one;
  };

  /* Nothing runs any more; what waited is next. */
  const end = (target) => {
    runs(null);
    busy = null;
    target.working(false);
    const next = following;
    following = null;
    if (next) run(next);
  };

  const run = async (target) => {
    if (busy) return;
    busy = target;
    target.working(true);
    target.say(ready ? words.running : words.loading);
    try {
      await start();
      if (busy !== target) return;
      target.say(words.running);
      const above = blocks.slice(0, blocks.indexOf(target));
      const before = above.map((one) => one.code.textContent);
      if (done.length > before.length || done.some((code, index) => code !== before[index])) {
        await python.ask({ code: "", name: null }); // a fresh page
        done.length = 0;
      }
      for (const one of [...above.slice(done.length), target]) {
        const code = one.code.textContent;
        runs(one);
        const answer = await python.ask({ code, name: one.block.id });
        if (answer.failed) throw new Error(answer.failed);
        if (!answer.error) done.push(code);
        if (one === target) {
          target.say("");
          target.show(answer, code);
          fetchEditor().then(() => python.keep(`${root}sw.js`)); // next time no server is needed
        } else if (answer.error) {
          target.say(words.above.replace("{number}", one.block.dataset.block), one);
          one.show(answer, code);
          return;
        }
      }
    } catch (error) {
      if (error) target.say(error.message);
    } finally {
      if (busy === target) end(target);
    }
  };
})();
