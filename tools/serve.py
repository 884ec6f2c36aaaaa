"""Serves the demo's books over HTTP, and shows their pages, on 127.0.0.1 until Ctrl-C."""

from __future__ import annotations

import signal
import subprocess
import sys
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

ROOT = Path(__file__).resolve().parents[1]
DEMO = ROOT / "demo"
HOST, PAGES = "127.0.0.1", 8000
BOOKS = {"first-shipment": 8080, "programme": 8081}
"""Each book and the port it is served at; its page is on the pages' port, under its name."""
LODELINE = Path(sys.executable).with_name("lodeline")


class Pages(BaseHTTPRequestHandler):
    """Answers ``/`` and ``/NAME`` with a book's page, read anew each time, and everything else with 404."""

    def do_GET(self) -> None:
        name = self.path.strip("/") or next(iter(BOOKS))
        if name not in BOOKS:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        body = (DEMO / f"{name}.html").read_bytes()
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main() -> int:
    """Build the demo, then serve it until Ctrl-C; the exit code of a book's server that ended by itself."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    subprocess.run([LODELINE, "demo", "--dir", DEMO], check=True)
    try:
        pages = ThreadingHTTPServer((HOST, PAGES), Pages)
    except OSError as error:
        sys.exit(f"lodeline: {HOST}:{PAGES} cannot be used ({error.strerror}); stop what listens there")
    print("\nUntil Ctrl-C:", flush=True)
    for name in BOOKS:
        print(f"the report of {name} is at http://{HOST}:{PAGES}/{name}", flush=True)
    servers = [
        subprocess.Popen([LODELINE, "serve", DEMO / f"{name}.db", "--host", HOST, "--port", str(port)])
        for name, port in BOOKS.items()
    ]
    with pages:
        Thread(target=pages.serve_forever, daemon=True).start()
        try:
            return servers[0].wait() or servers[1].wait()
        except KeyboardInterrupt:
            print()
            return 0
        finally:
            # Ctrl-C reaches them too; a server ends once, however often it is told.
            for server in servers:
                server.terminate()
            for server in servers:
                server.wait()
            pages.shutdown()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("\nlodeline: stopped before the demo was built; what was recorded stays")
