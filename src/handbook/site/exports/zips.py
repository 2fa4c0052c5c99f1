"""Zips whose bytes depend on nothing but what is in them and the moment that they are given."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from datetime import datetime


def zipped(files: Iterable[tuple[str, bytes]], made: datetime) -> bytes:
    """Pack files, all of them of one moment, so that the same sources give the same bytes."""
    written, moment = io.BytesIO(), made.timetuple()[:6]
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(zipfile.ZipInfo(name, moment), content, zipfile.ZIP_DEFLATED)
    return written.getvalue()
