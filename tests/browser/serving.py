"""The built site over http, on a sub-path, until it is stopped."""

from __future__ import annotations

import gzip
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

SUB_PATH = "/handbook/"


class SiteHandler(SimpleHTTPRequestHandler):
    """The site below a sub-path, as GitHub Pages serves it; nothing at the root."""

    protocol_version = "HTTP/1.1"

    def send_head(self) -> BinaryIO | None:
        if self.path.startswith(SUB_PATH):
            self.path = "/" + self.path.removeprefix(SUB_PATH)
            if Path(self.translate_path(self.path)).exists():
                return super().send_head()
        content = Path(self.directory, "404.html").read_bytes()
        self.send_response(404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        return BytesIO(content)

    def log_message(self, format: str, *args: object) -> None:
        pass


class BriefHandler(SiteHandler):
    """The same; no connection outlives the server."""

    protocol_version = "HTTP/1.0"


class GzipHandler(SiteHandler):
    """The same, gzipped, as GitHub Pages sends it. A length is known only after packing: one chunk holds it all."""

    def send_header(self, keyword: str, value: str) -> None:
        if keyword == "Content-Length" and value != "0":
            super().send_header("Content-Encoding", "gzip")
            keyword, value = "Transfer-Encoding", "chunked"
        super().send_header(keyword, value)

    def copyfile(self, source: BinaryIO, outputfile: BinaryIO) -> None:
        packed = gzip.compress(source.read())
        outputfile.write(b"%x\r\n%b\r\n0\r\n\r\n" % (len(packed), packed))


class _Listener(ThreadingHTTPServer):
    request_queue_size = 128
    """Who calls while the machine is busy waits; by default five may, and the sixth is refused."""

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that closes a connection early is no error."""


class Server:
    """A site that is being served."""

    def __init__(self, site: Path, handler: type[SiteHandler] = SiteHandler) -> None:
        self._listener = _Listener(("127.0.0.1", 0), partial(handler, directory=str(site)))
        threading.Thread(target=self._listener.serve_forever, daemon=True).start()
        self.address = f"http://127.0.0.1:{self._listener.server_port}{SUB_PATH}"

    def stop(self) -> None:
        self._listener.shutdown()
        self._listener.server_close()
