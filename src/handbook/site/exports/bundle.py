"""The built site as one zip, which opens from a folder, with no server and no connection."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

from handbook.findings import CallError
from handbook.site.exports.offline import LIST, SOCIAL, ZIP, present

_MOMENT = (1980, 1, 1, 0, 0, 0)
_FOR_DEBUGGERS = {".map"}


def write(site: Path, folders: dict[str, str]) -> Path:
    """Write the zip into the site, and tell each language's list of it; equal bytes for an equal site.

    Args:
        site: where both languages are built.
        folders: of each language, below the site, as in `es/`.

    Raises:
        CallError: a language is not built there.
    """
    for language, folder in folders.items():
        if not (site / folder / LIST).is_file():
            raise CallError(f"{site / folder} holds no built site in {language}; `make site` builds both languages")
    for folder in folders.values():
        _tell(site / folder / LIST, None)
    target = site / ZIP
    target.unlink(missing_ok=True)
    unseen = [site / folder / SOCIAL for folder in folders.values()]
    files = [
        file
        for file in present(site)
        if file.suffix not in _FOR_DEBUGGERS and not any(map(file.is_relative_to, unseen))
    ]
    with zipfile.ZipFile(target, "w") as archive:
        for file in files:
            entry = zipfile.ZipInfo(f"{target.stem}/{file.relative_to(site).as_posix()}", _MOMENT)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, file.read_bytes(), zipfile.ZIP_DEFLATED)
    for folder in folders.values():
        up = "../" * len(Path(folder).parts)
        _tell(site / folder / LIST, {"path": f"{up}{ZIP}", "bytes": target.stat().st_size})
    return target


def _tell(listed: Path, zip: dict[str, str | int] | None) -> None:
    """Name the zip in a list, or no zip at all."""
    record = json.loads(listed.read_text(encoding="utf-8"))
    record.pop("zip", None)
    if zip:
        record["zip"] = zip
    listed.write_text(json.dumps(record, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
