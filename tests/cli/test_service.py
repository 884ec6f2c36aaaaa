"""``lodeline token`` and ``lodeline audit``."""

from __future__ import annotations

import json


def test_a_token_is_shown_once_listed_without_its_secret_and_revoked(lodeline, book):
    made = lodeline("token", "create", book, "--who", "Weighbridge 2", "--role", "recorder", "--days", "30")
    assert made.code == 0
    token = made.out.splitlines()[0]
    assert token.startswith("lode_")
    assert "shown once" in made.out
    token_id, secret = token.split("_", 2)[1:]

    listed = lodeline("token", "list", book)
    assert token_id in listed.out
    assert "Weighbridge 2" in listed.out
    assert secret not in listed.out
    assert "argon2" not in lodeline("token", "list", book, "--json").out

    revoked = lodeline("token", "revoke", book, token_id)
    assert revoked.code == 0
    assert json.loads(lodeline("token", "list", book, "--json").out)[0]["revoked_at"]

    lines = json.loads(lodeline("audit", book, "--json").out)
    assert [(line["action"], line["who"], line["target"]) for line in lines] == [
        ("token create", "clerk", token_id),
        ("token revoke", "clerk", token_id),
    ]
    assert secret not in json.dumps(lines)
    assert "token create" in lodeline("audit", book).out
    assert "token create" not in lodeline("audit", book, "--after", "1").out


def test_a_token_as_json_for_programs(lodeline, book):
    made = json.loads(lodeline("token", "create", book, "--who", "A", "--role", "reader", "--json").out)

    assert made["token"].startswith(f"lode_{made['id']}_")
    assert made["expires_at"] is None


def test_what_is_no_id_of_a_token_is_refused(lodeline, book):
    unknown = lodeline("token", "revoke", book, "000000000000")
    assert unknown.code == 3
    assert "[token.unknown" in unknown.err
    whole = lodeline("token", "revoke", book, "lode_000000000000_" + "x" * 43)
    assert whole.code == 2
    assert "[token.not_an_id" in whole.err
    assert "x" * 43 not in whole.err


def test_an_address_that_others_reach_is_not_served_without_a_token(lodeline, book):
    refused = lodeline("serve", book, "--host", "0.0.0.0", "--port", "0")

    assert refused.code == 2
    assert "[serve.no_token" in refused.err


def test_there_must_be_a_book(lodeline, tmp_path):
    for command in (("serve", "--port", "0"), ("audit",), ("token", "list")):
        refused = lodeline(*command, tmp_path / "none.db")
        assert refused.code == 3, refused.err
        assert "[ledger.missing" in refused.err
