"""A lab's starter as a zip, for those who begin without the command."""

from __future__ import annotations

import io
import zipfile

from handbook.labs.lab import Lab
from handbook.labs.progress import NAME, Record, text_of

_MOMENT = (1980, 1, 1, 0, 0, 0)


def zipped(lab: Lab, language: str) -> bytes:
    """The starter and an empty record of progress; equal bytes for equal files."""
    files = {f"{lab.folder}/{name}": content for name, content in lab.starter(language).items()}
    files[NAME] = text_of(language, {lab.id: Record()}).encode("utf-8")
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(f"{lab.id}/{name}", _MOMENT), data, zipfile.ZIP_DEFLATED)
    return content.getvalue()
