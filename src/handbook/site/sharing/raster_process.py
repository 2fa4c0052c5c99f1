"""What a drawing process runs: each SVG that it is given becomes a PNG of the same name. It imports nothing of ours."""

import sys
from pathlib import Path

import resvg_py


def main(typefaces: str, text: str, code: str, *sources: str) -> None:
    """Draw with our typefaces alone, so that an image is the same on every machine."""
    files = [str(file) for file in sorted(Path(typefaces).glob("*.ttf"))]
    for source in map(Path, sources):
        made = resvg_py.svg_to_bytes(
            svg_string=source.read_text("utf-8"),
            skip_system_fonts=True,
            font_files=files,
            serif_family=text,
            monospace_family=code,
        )
        # Under its name only when it is whole: another build may look for it.
        source.write_bytes(made)
        source.replace(source.with_name(f"{source.name.partition('.')[0]}.png"))


if __name__ == "__main__":
    main(*sys.argv[1:])
