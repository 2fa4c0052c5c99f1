"""Social images as PNG: drawn by processes of their own while the site is built, and remembered.

resvg takes a twentieth of a second for an image, and holds Python's lock meanwhile; so threads would gain nothing.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from handbook.running.store import kept
from handbook.site.errors import BuildError
from handbook.site.exports.book.colours import look
from handbook.site.exports.offline import SOCIAL
from handbook.site.sharing.image import CODE, TEXT, Parts, image

_TYPEFACES = Path(__file__).with_name("typefaces")
_WORKER = Path(__file__).with_name("raster_process.py")
_PROCESSES = 4


class Drawing:
    """The images of a language under way: begun by `begin`, waited for by `place`."""

    def __init__(self, root: Path) -> None:
        self.scratch: tempfile.TemporaryDirectory[str] | None = None
        folder = kept(root, "social")
        if folder is None:
            self.scratch = tempfile.TemporaryDirectory(prefix="handbook-social-")
            folder = Path(self.scratch.name)
        self.folder = folder
        self.names: dict[str, str] = {}
        self.processes: list[subprocess.Popen[str]] = []

    def begin(self, pages: Mapping[str, Parts]) -> None:
        """Begin to draw what is not remembered: what each page's image is made of, by the page's path."""
        dependent = _dependent()
        missing = []
        for path, made_of in pages.items():
            name = self.names[path] = hashlib.sha256(f"{dependent}{made_of!r}".encode()).hexdigest()[:24]
            if not (self.folder / f"{name}.png").is_file():
                source = self.folder / f"{name}.{os.getpid()}.svg"
                source.write_text(image(made_of), encoding="utf-8")
                missing.append(str(source))
        shares = min(_PROCESSES, os.cpu_count() or 1)
        for share in filter(None, (missing[n::shares] for n in range(shares))):
            command = [sys.executable, "-P", str(_WORKER), str(_TYPEFACES), TEXT, CODE, *share]
            self.processes.append(subprocess.Popen(command, stderr=subprocess.PIPE, text=True))

    def place(self, site: Path) -> None:
        """Put each image where its page says that it is.

        Raises:
            BuildError: one could not be drawn.
        """
        while self.processes:
            process = self.processes.pop()
            _, said = process.communicate()
            if process.returncode:
                raise BuildError(f"the social images cannot be drawn: {said.strip().splitlines()[-1]}")
        for path, name in self.names.items():
            file = site / SOCIAL / f"{path}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self.folder / f"{name}.png", file)
        self.end()

    def end(self) -> None:
        """Stop what is still under way, and forget what is not remembered."""
        while self.processes:
            process = self.processes.pop()
            process.kill()
            process.communicate()
        if self.scratch:
            self.scratch.cleanup()


def _dependent() -> str:
    """What every image depends on besides its page: whoever changes how they look draws them all anew."""
    files = (*sorted(_TYPEFACES.glob("*.ttf")), Path(__file__).with_name("image.py"))
    contents = b"".join(file.read_bytes() for file in files)
    return f"{hashlib.sha256(contents).hexdigest()} {version('resvg-py')} {look()}"
