"""The page of a run that goes on, served to this machine.

Only GET and HEAD, which change nothing; every address begins with a token that is drawn anew each
time. The page is made again when the run's file has changed.
"""

from __future__ import annotations

import hmac
import os
import secrets
import threading
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

_WAIT = 10.0  # seconds that a client may take over a request


class LivePage:
    """A page that is made again when a file has changed.

    Parameters
    ----------
    file : the run's file.
    make : gives the page.
    """

    def __init__(self, file: Path, make: Callable[[], str]) -> None:
        self._file, self._make = file, make
        self._lock = threading.Lock()
        self._version, self._text = "", ""

    @property
    def version(self) -> str:
        """Changes when the file does, or its write-ahead log."""
        marks = []
        for path in (self._file, self._file.with_name(f"{self._file.name}-wal")):
            with suppress(OSError):
                status = os.stat(path)
                marks.append(f"{status.st_mtime_ns:x}-{status.st_size:x}")
        return ".".join(marks)

    def text(self) -> str:
        """The page as it is now."""
        with self._lock:
            version = self.version
            if version != self._version or not self._text:
                self._text, self._version = self._make(), version
            return self._text


class PageServer(ThreadingHTTPServer):
    """Serves one page below a token.

    Parameters
    ----------
    live : the page.
    host, port : where to listen; port 0 takes a free one.
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, live: LivePage, host: str = "127.0.0.1", port: int = 0) -> None:
        self.live = live
        self.token = secrets.token_urlsafe(16)
        super().__init__((host, port), PageHandler)

    @property
    def url(self) -> str:
        """The address to open, with the token."""
        host, port = self.server_address[:2]
        return f"http://{host!s}:{port}/{self.token}/"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no error of ours."""


class PageHandler(BaseHTTPRequestHandler):
    """Answers ``/TOKEN/`` with the page and ``/TOKEN/version`` with what changes when it does."""

    server: PageServer
    timeout = _WAIT
    server_version, sys_version = "bayesopt", ""

    def do_GET(self) -> None:
        """The page or its version; anything else is not found."""
        self._answer(body=True)

    def do_HEAD(self) -> None:
        """The same without the body."""
        self._answer(body=False)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the address holds the token."""

    def _answer(self, *, body: bool) -> None:
        parts = self.path.split("?", 1)[0].split("/")
        known = len(parts) == 3 and hmac.compare_digest(
            parts[1].encode("utf-8", "replace"), self.server.token.encode()
        )
        if known and parts[2] == "":
            try:
                self._send(HTTPStatus.OK, self.server.live.text(), "text/html", body)
            except Exception as error:  # a run that cannot be read now may be in a moment
                message = f"the report cannot be made now: {error}"
                self._send(HTTPStatus.SERVICE_UNAVAILABLE, message, "text/plain", body)
        elif known and parts[2] == "version":
            self._send(HTTPStatus.OK, self.server.live.version, "text/plain", body)
        else:
            self._send(HTTPStatus.NOT_FOUND, "not found", "text/plain", body)

    def _send(self, status: HTTPStatus, text: str, kind: str, body: bool) -> None:
        data = text.encode("utf-8", "replace")
        self.send_response(status)
        for name, value in (
            ("Content-Type", f"{kind}; charset=utf-8"),
            ("Content-Length", str(len(data))),
            ("Cache-Control", "no-store"),
            ("Referrer-Policy", "no-referrer"),
            ("X-Content-Type-Options", "nosniff"),
            ("X-Frame-Options", "DENY"),
        ):
            self.send_header(name, value)
        self.end_headers()
        if body:
            self.wfile.write(data)
