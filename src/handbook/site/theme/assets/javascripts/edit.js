/* Lower Triangle: what keys do in a block that is edited, with the browser's own undoing. It comes with the first Edit. */
(() => {
  "use strict";

  const INDENT = "    ";

  /* The selection's ends as places in the text. */
  const selected = (code) => {
    const range = getSelection().getRangeAt(0);
    const before = document.createRange();
    before.setStart(code, 0);
    before.setEnd(range.startContainer, range.startOffset);
    const from = before.toString().length;
    return [from, from + range.toString().length];
  };

  const select = (code, from, to) => {
    const walker = document.createTreeWalker(code, NodeFilter.SHOW_TEXT);
    const range = document.createRange();
    for (let node, at = 0; (node = walker.nextNode()); at += node.length) {
      if (at <= from) range.setStart(node, Math.min(from - at, node.length));
      if (at <= to) range.setEnd(node, Math.min(to - at, node.length));
    }
    getSelection().removeAllRanges();
    getSelection().addRange(range);
  };

  const type = (content) => document.execCommand(content ? "insertText" : "delete", false, content);

  /* A new line is as deep as the one above it, and deeper after a colon. */
  const breakLine = (code) => {
    const [from] = selected(code);
    const line = code.textContent.slice(0, from).split("\n").at(-1);
    type(`\n${/^ */.exec(line)[0]}${/:\s*$/.test(line) ? INDENT : ""}`);
  };

  /* Whole lines where several are selected, or where they go back; else as many spaces as the next step needs. */
  const indent = (code, back) => {
    const [from, to] = selected(code);
    const all = code.textContent;
    const start = all.lastIndexOf("\n", from - 1) + 1;
    if (!back && !all.slice(from, to).includes("\n")) {
      type(INDENT.slice((from - start) % INDENT.length));
      return;
    }
    const lines = all.slice(start, to).split("\n");
    const moved = lines.map((line) => (back ? line.replace(/^ {1,4}/, "") : line && INDENT + line));
    const change = moved.map((line, at) => line.length - lines[at].length);
    lines.forEach((line, at) => {
      const place = start + moved.slice(0, at).reduce((sum, each) => sum + each.length + 1, 0);
      if (!change[at]) return;
      select(code, place, place + Math.max(0, -change[at]));
      type(INDENT.slice(0, Math.max(0, change[at])));
    });
    const sum = change.reduce((total, each) => total + each);
    select(code, Math.max(start, from + change[0]), Math.max(start, to + sum));
  };

  /* Tab belongs to the code, until Escape gives it back. */
  const edited = new WeakSet();
  window.handbookEditor = (code) => {
    if (edited.has(code)) return;
    edited.add(code);
    let leaving = false;
    code.addEventListener("keydown", (event) => {
      const { key, shiftKey, ctrlKey, metaKey, altKey } = event;
      const plain = !ctrlKey && !metaKey && !altKey && !event.isComposing;
      const act =
        key === "Enter" && plain ? () => breakLine(code)
        : key === "Tab" && plain && !leaving ? () => indent(code, shiftKey)
        : null;
      if (key !== "Shift") leaving = key === "Escape";
      if (!act) return;
      event.preventDefault();
      act();
    });
  };
})();
