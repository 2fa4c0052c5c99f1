"""`python -m handbook.site`: build both languages where mkdocs.yml says, or tell on which page that ends, and why."""

from __future__ import annotations

import sys
from pathlib import Path

from handbook.project import Project
from handbook.site.build import build_sites
from handbook.site.errors import BuildError
from handbook.site.settings import settings


def main() -> int:
    """Build; returns 1 where a page or a link is wrong."""
    root = Project.around(Path.cwd()).root
    into = root / settings(root, "en")["site_dir"]
    try:
        build_sites(root, into)
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{into.name}/index.html and {into.name}/es/index.html are written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
