"""Build both languages and serve them together; a save renders what it changes."""

from __future__ import annotations

import logging
import signal
import socket
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

from handbook.findings import CallError
from handbook.project import Project


def serve(project: Project, host: str, port: int) -> None:
    """Serve until interrupted. Raises ``CallError`` when the port is taken or MkDocs is not installed."""
    try:
        from mkdocs.livereload import LiveReloadServer

        from handbook.site.errors import BuildError
        from handbook.site.live import LiveSite
        from handbook.site.settings import FILES
    except ImportError:
        raise CallError("MkDocs is not installed here; `make serve` sets it up") from None
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    try:
        socket.create_server((host, port)).close()
    except OSError as error:
        raise CallError(f"{host}:{port} cannot be served on ({error.strerror}); choose another: --port") from None
    address = f"http://{host}:{port}/"
    with tempfile.TemporaryDirectory(prefix="handbook-site-") as folder:
        site = LiveSite(project.root, Path(folder), address)
        announced = False

        def rebuild() -> None:
            nonlocal announced
            with suppress(BuildError):  # MkDocs has said what is wrong, and the next save may put it right
                site.refresh()
            if not announced:
                announced = True
                print(f"The handbook is at {address} and {address}es/ (Ctrl+C ends it)", flush=True)

        server = LiveReloadServer(builder=rebuild, host=host, port=port, root=folder, mount_path="/")
        # The first build too is one that the server is asked for: it watches by then, and no save is missed.
        server._want_rebuild = True

        def interrupted(*_: object) -> None:
            # Whatever a library does with the exception in the middle of a build: after it, the server ends.
            threading.Thread(target=server.shutdown).start()
            raise KeyboardInterrupt

        signal.signal(signal.SIGINT, interrupted)
        try:
            print("Building both languages ...", flush=True)
            for name in ("docs", "snippets", "src", *FILES.values()):
                if (project.root / name).exists():
                    server.watch(str(project.root / name))
            server.serve()
        except KeyboardInterrupt:
            print()
        finally:
            server.shutdown()
