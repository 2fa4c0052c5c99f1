"""A picture of two matrices side by side, as a PNG; written for the learner, and read back by the grader."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np

CELL, GAP, WHITE = 24, 24, 255
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_LARGEST = 1 << 24


def save_panels(file: str | Path, left: np.ndarray, right: np.ndarray) -> None:
    """Draw two matrices beside each other: 0 is white, 1 is black, one square a cell.

    Args:
        file: where the PNG goes.
        left: `[T, T]`, values from 0 to 1.
        right: `[T, T]`, likewise.

    Raises:
        ValueError: a value lies outside 0 to 1, or the two are not square and equal in shape.

    ```python
    from handbook.labs.panels import read_panels, save_panels
    import numpy as np

    try:
        save_panels("never-written.png", np.array([[2.0]]), np.array([[0.0]]))
    except ValueError as error:
        print(error)
    ```

    ```text
    the left matrix holds values outside 0 to 1; pass what is allowed as 0 and 1, and weights as they are
    ```
    """
    if left.shape != right.shape or left.ndim != 2 or left.shape[0] != left.shape[1]:
        raise ValueError(f"the matrices have shapes {left.shape} and {right.shape}; both should be [T, T]")
    for name, one in (("left", left), ("right", right)):
        if not ((one >= 0) & (one <= 1)).all():
            raise ValueError(
                f"the {name} matrix holds values outside 0 to 1; "
                "pass what is allowed as 0 and 1, and weights as they are"
            )
    square = np.ones((CELL, CELL))
    panels = [np.kron(1 - one.astype(float), square) for one in (left, right)]
    between = np.ones((len(panels[0]), GAP))
    pixels = np.rint(255 * np.hstack([panels[0], between, panels[1]])).astype(np.uint8)
    Path(file).write_bytes(_png(pixels))


def _png(pixels: np.ndarray) -> bytes:
    height, width = pixels.shape
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)  # filter 0: as they are
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)  # eight bits of grey
    return _SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows, 9)) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def read_panels(data: bytes) -> tuple[np.ndarray, np.ndarray]:
    """The two matrices of a picture that ``save_panels`` drew, to within half a shade of grey.

    Raises ``ValueError`` for any other picture.
    """
    pixels = _pixels(data)
    height, width = pixels.shape
    T = height // CELL
    if T < 1 or height != T * CELL or width != 2 * T * CELL + GAP:
        raise ValueError("other proportions")
    panels = []
    for start in (0, T * CELL + GAP):
        panel = pixels[:, start : start + T * CELL].reshape(T, CELL, T, CELL)
        cells = panel[:, 0, :, 0]
        if not (panel == cells[:, None, :, None]).all():
            raise ValueError("cells of several shades")
        panels.append(1 - cells / 255)
    return panels[0], panels[1]


def _pixels(data: bytes) -> np.ndarray:
    if not data.startswith(_SIGNATURE):
        raise ValueError("no PNG")
    header, packed, at = b"", b"", len(_SIGNATURE)
    while at + 8 <= len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        kind, content = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        header, packed = (content, packed) if kind == b"IHDR" else (header, packed + content * (kind == b"IDAT"))
        at += length + 12
    if len(header) != 13:
        raise ValueError("no header")
    width, height, *form = struct.unpack(">IIBBBBB", header)
    if form != [8, 0, 0, 0, 0] or not 0 < (width + 1) * height <= _LARGEST:
        raise ValueError("another format")
    try:
        rows = zlib.decompressobj().decompress(packed, (width + 1) * height)
    except zlib.error as error:
        raise ValueError("broken data") from error
    grid = np.frombuffer(rows, np.uint8)
    if grid.size != (width + 1) * height or grid.reshape(height, width + 1)[:, 0].any():
        raise ValueError("another format")
    return grid.reshape(height, width + 1)[:, 1:]
