"""The first cell of every notebook: it installs the project where it is missing, and says from where."""

from __future__ import annotations

from pathlib import Path
from string import Template

from handbook.project import ORIGINAL
from handbook.site.edition import version
from handbook.site.settings import settings

WHEEL = "lower_triangle-{version}-py3-none-any.whl"
_CELL = Template("""\
import importlib.util
import subprocess
import sys
from pathlib import Path

WHEEL = "$wheel"
if importlib.util.find_spec("minimodel") is None:
    near = [Path(up, WHEEL) for up in (".", "..", "../..")]
    site = "$address"
    source = next((str(one) for one in near if one.is_file()), site + WHEEL)
    print("installing minimodel from", source)
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", source], check=True)
    importlib.invalidate_caches()""")


def install(root: Path, language: str = ORIGINAL, address: str = "") -> str:
    """The cell's code, from what mkdocs.yml and pyproject.toml below ``root`` say.

    Args:
        root: the folder of mkdocs.yml.
        language: of the site that the cell is on.
        address: of that language's site, where it is built for another address than mkdocs.yml names.
    """
    english = settings(root, ORIGINAL)
    folders = {one["code"]: one["folder"] for one in english["extra"]["languages"]}
    site = address.removesuffix(folders[language]) or english["site_url"]
    return cell(f"{site.rstrip('/')}/", version(root))


def cell(address: str, version: str) -> str:
    """The code of the cell, which prints nothing where the project is there.

    Args:
        address: of the site, ending in a slash; the wheel lies at its root. A copy in the notebook's folder or one of
            the two above it, as in the unzipped site, is taken instead.
        version: of the project.
    """
    return _CELL.substitute(wheel=WHEEL.format(version=version), address=address)
