"""Shows the demo's page on 127.0.0.1. Only the page: a book over HTTP, with tokens and queries, is planned."""

from __future__ import annotations

import subprocess
import sys
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DEMO = ROOT / "demo"
PAGE = DEMO / "first-shipment.html"
ADDRESS = ("127.0.0.1", 8000)


class OnePage(BaseHTTPRequestHandler):
    """Answers ``/`` with the page, read anew each time, and everything else with 404."""

    def do_GET(self) -> None:
        if self.path != "/":
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        body = PAGE.read_bytes()
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main() -> None:
    """Build the demo, then serve its page until Ctrl-C."""
    subprocess.run([Path(sys.executable).with_name("lodeline"), "demo", "--dir", DEMO], check=True)
    try:
        server = ThreadingHTTPServer(ADDRESS, OnePage)
    except OSError as error:
        sys.exit(f"lodeline: {ADDRESS[0]}:{ADDRESS[1]} cannot be used ({error.strerror}); stop what listens there")
    with server:
        print(f"\nThe report is at http://{ADDRESS[0]}:{ADDRESS[1]}/ until Ctrl-C.", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()


if __name__ == "__main__":
    main()
