"""Subscriptions on the command line: shown, and ended, while the book is served."""

from __future__ import annotations

import subprocess
import time

from lodeline.book import create
from lodeline.book import open as open_book
from tests.ledger.epcis import document, event
from tests.web.receiver import receiver
from tests.web.serving import LODELINE, served

SHIPPED = {"EQ_bizStep": ["shipping"]}


def test_the_command_line_shows_and_removes_subscriptions(tmp_path):
    url = str(tmp_path / "book.db")
    create(url, title="Shown", by="founder").close()
    with receiver() as hook, served(url, "--allow-inward", "127.0.0.1") as server, server.client() as client:
        client.post("/queries", json={"name": "q", "query": SHIPPED})
        body = {"dest": hook.url, "signatureToken": "s3cret", "stream": True}
        made = client.post("/queries/q/subscriptions", json=body).json()["subscriptionID"]

        def lodeline(*arguments: str) -> str:
            done = subprocess.run(
                [str(LODELINE), "subscription", *arguments], capture_output=True, text=True, check=False
            )
            assert "s3cret" not in done.stdout + done.stderr
            return done.stdout + done.stderr

        assert made[:8] in lodeline("list", url)
        assert hook.url in lodeline("show", url, made)
        assert made in lodeline("list", url, "--json")
        assert "removed" in lodeline("remove", url, made[:8])
        assert "no subscriptions" in lodeline("list", url)
        assert "subscription.unknown" in lodeline("show", url, made)
        with open_book(url) as book:
            book.capture(document([event(1)]), by="tester")
        time.sleep(1.5)
        assert hook.got == []
