"""Build both languages and serve them together, rebuilding when a file changes."""

from __future__ import annotations

import logging
import shutil
import tempfile
from pathlib import Path

from handbook.findings import CallError
from handbook.project import Project
from handbook.scaffold import NAVIGATION

WATCHED = ("docs", "snippets", "src", *NAVIGATION.values())


def serve(project: Project, host: str, port: int) -> None:
    """Serve until interrupted. Raises ``CallError`` when the port is taken or MkDocs is not installed."""
    try:
        from mkdocs.commands.build import build
        from mkdocs.config import load_config
        from mkdocs.livereload import LiveReloadServer
    except ImportError:
        raise CallError("MkDocs is not installed here; `make serve` sets it up") from None
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    address = f"http://{host}:{port}/"
    folder = Path(tempfile.mkdtemp(prefix="handbook-site-"))

    def rebuild() -> None:
        for language, file in NAVIGATION.items():
            target = folder if file == "mkdocs.yml" else folder / language
            configuration = load_config(
                str(project.root / file),
                site_dir=str(target),
                site_url=address if target == folder else f"{address}{language}/",
                strict=False,
            )
            configuration.plugins.on_startup(command="serve", dirty=False)
            build(configuration)

    try:
        server = LiveReloadServer(builder=rebuild, host=host, port=port, root=str(folder), mount_path="/")
    except OSError:
        shutil.rmtree(folder)
        raise CallError(f"port {port} is taken; choose another: handbook serve --port {port + 1}") from None
    try:
        rebuild()
        for name in WATCHED:
            server.watch(str(project.root / name))
        print(f"The handbook is at {address} and {address}es/ (Ctrl+C ends it)", flush=True)
        server.serve()
    except KeyboardInterrupt:
        print()
    finally:
        server.shutdown()
        shutil.rmtree(folder, ignore_errors=True)
