"""Runs in the reader's browser: one page's blocks in one namespace, each block's output and error as JSON."""

import builtins
import contextlib
import io
import json
import linecache
import traceback

LIMIT = 100_000
"""Characters that a block may print into the page."""

page: dict[str, object] = {"__name__": "__main__"}


def run(code: str, name: str | None) -> str:
    """Execute one block; without a name, forget the page and begin again."""
    if name is None:
        page.clear()
        page["__name__"] = "__main__"
        return json.dumps({"stdout": "", "error": None, "line": 0})
    file = f"<{name}>"
    linecache.cache[file] = (len(code), None, code.splitlines(keepends=True), file)
    printed, error, line = io.StringIO(), None, 0
    with contextlib.redirect_stdout(printed):
        try:
            exec(compile(code, file, "exec"), page)
        except BaseException as caught:
            error = "".join(traceback.format_exception_only(caught)).strip()
            frames = [
                frame.lineno or 1 for frame in traceback.extract_tb(caught.__traceback__) if frame.filename == file
            ]
            line = frames[-1] if frames else getattr(caught, "lineno", None) or 1
    stdout = printed.getvalue()
    if len(stdout) > LIMIT:
        stdout = stdout[:LIMIT] + "\n..."
    return json.dumps({"stdout": stdout, "error": error, "line": line})


def refuse_input(why: str) -> None:
    """Let `input` say why nobody can be asked: a worker has no way to wait for what a reader types."""

    def refuse(prompt: object = "") -> str:
        raise RuntimeError(why)

    builtins.input = refuse
