"""Who may do what: tokens, roles, other people's pages, the brake on guessing, and the audit log."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from lodeline.book import open as open_book
from lodeline.book.service import open_service
from lodeline.errors import InputError, RequestError
from lodeline.web import access, secrets
from lodeline.web.access import Gatekeeper, requires
from lodeline.web.secrets import ROLES, make
from lodeline.web.settings import is_loopback
from tests.web.epcis import JSON, alone, document, event, refused

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def give(book, role: str, *, who: str = "Aisha", at: datetime = NOW, expires_at: datetime | None = None) -> str:
    """A new token of the book."""
    with open_service(book) as service:
        kept, token = make(who=who, role=role, at=at, by="founder", expires_at=expires_at)
        service.tokens.add(kept)
    return token


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def send(client, number: int = 1, **headers: str):
    return client.post("/capture", content=document(event(number)), headers={**JSON, **headers})


def test_without_any_token_this_machine_may_do_everything(client):
    assert client.get("/audit").status_code == 200
    assert send(client).status_code == 202


def test_from_the_first_token_on_every_request_needs_one(client, book):
    assert client.get("/").status_code == 200
    token = give(book, "reader")

    answer = client.get("/")

    problem = refused(answer, 401, "access.no_token")
    assert problem["type"] == "epcisException:SecurityException"
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert client.get("/", headers=bearer(token)).status_code == 200
    # Also what is not there: nobody learns without a token which paths there are.
    refused(client.get("/nothing"), 401, "access.no_token")
    refused(client.options("/capture"), 401, "access.no_token")


def test_a_revoked_token_still_leaves_the_book_closed(client, book):
    give(book, "reader")
    with open_service(book) as service:
        service.tokens.revoke(service.tokens.all()[0].id, at=NOW, by="founder")

    refused(client.get("/"), 401, "access.no_token")


MAY = {
    "reader": {"read"},
    "recorder": {"read", "record"},
    "auditor": {"read", "audit"},
    "administrator": {"read", "record", "audit"},
}


@pytest.mark.parametrize("role", ROLES)
def test_each_role_may_do_its_own_and_nothing_else(client, book, role):
    headers = bearer(give(book, role))
    asked = {
        "read": client.get("/events", headers=headers),
        "record": send(client, **headers),
        "audit": client.get("/audit", headers=headers),
    }

    assert {name for name, answer in asked.items() if answer.status_code < 300} == MAY[role]
    for answer in asked.values():
        if answer.status_code >= 300:
            problem = refused(answer, 403, "access.role")
            assert problem["where"]["role"] == role


def test_what_is_captured_carries_the_name_of_the_tokens_holder(client, book):
    headers = bearer(give(book, "recorder", who="Weighbridge 2"))

    answer = client.post("/events", content=alone(), headers={**JSON, **headers})

    assert answer.status_code == 201
    with open_book(book, read_only=True) as opened:
        assert {stored.captured_by for stored in opened.events()} == {"Weighbridge 2"}


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer x", "Basic YTpi", "Bearer lode_000000000000_" + "x" * 43, "", "Bearer " + "ü" * 10],
)
def test_what_is_no_token_of_this_book_is_refused(client, book, header):
    give(book, "reader")

    refused(client.get("/", headers={"Authorization": header.encode("latin-1")}), 401, "access.bad_token")


def test_a_wrong_secret_is_refused_and_the_right_one_after_it_is_not(client, book):
    token = give(book, "reader")

    refused(client.get("/", headers=bearer(token[:-1] + ("A" if token[-1] != "A" else "B"))), 401, "access.bad_token")
    assert client.get("/", headers=bearer(token)).status_code == 200


def test_a_token_is_refused_from_the_request_after_it_was_revoked(client, book):
    token = give(book, "reader")
    assert client.get("/", headers=bearer(token)).status_code == 200
    assert client.get("/", headers=bearer(token)).status_code == 200

    with open_service(book) as service:
        service.tokens.revoke(token.split("_")[1], at=NOW, by="founder")

    refused(client.get("/", headers=bearer(token)), 401, "access.bad_token")


def test_a_token_ends_at_its_time(serve, book):
    token = give(book, "reader", expires_at=NOW + timedelta(days=1))
    now = [NOW]
    with serve(clock=lambda: now[0]) as client:
        assert client.get("/", headers=bearer(token)).status_code == 200
        now[0] += timedelta(days=1)
        refused(client.get("/", headers=bearer(token)), 401, "access.bad_token")


def test_a_token_that_was_verified_is_not_hashed_again(book, monkeypatch):
    hashed = []

    def counted(kept: str, secret: str) -> bool:
        hashed.append(secret)
        return secrets_matches(kept, secret)

    secrets_matches = secrets.matches
    monkeypatch.setattr(access.secrets, "matches", counted)
    monkeypatch.setattr(access, "REMEMBERED", 2)
    tokens = [give(book, "reader") for _ in range(3)]
    with open_service(book) as service:
        keeper = Gatekeeper(service, local_name="clerk", loopback=True, clock=lambda: NOW)
        for token in (*tokens[:2], *tokens[:2]):
            assert keeper.caller(f"Bearer {token}", "1").role == "reader"
        assert len(hashed) == 2
        keeper.caller(f"Bearer {tokens[2]}", "1")
        keeper.caller(f"Bearer {tokens[0]}", "1")
        assert len(hashed) == 4, "only so many are remembered"
        assert not any(token in repr(vars(keeper)) for token in tokens)


def test_who_guesses_is_refused_unheard_until_the_time_is_over_and_others_are_not(book):
    token = give(book, "reader")
    ticks = [0.0]
    with open_service(book) as service:
        keeper = Gatekeeper(service, local_name="clerk", loopback=True, clock=lambda: NOW, ticks=lambda: ticks[0])
        for _ in range(access.FAILURES):
            with pytest.raises(RequestError, match=r"access\.bad_token"):
                keeper.caller("Bearer rubbish", "10.0.0.9")
        with pytest.raises(RequestError, match=r"access\.slow_down") as slow:
            keeper.caller(f"Bearer {token}", "10.0.0.9")
        assert 0 < slow.value.where["retry_after_s"] <= access.FAILURES_WINDOW_S + 1
        assert keeper.caller(f"Bearer {token}", "10.0.0.8").who == "Aisha"

        assert keeper.caller(f"Bearer {token}", "10.0.0.9").who == "Aisha", "known by now, and so not held up"
        other = give(book, "reader", who="Bilal")
        with pytest.raises(RequestError, match=r"access\.slow_down"):
            keeper.caller(f"Bearer {other}", "10.0.0.9")
        ticks[0] += access.FAILURES_WINDOW_S + 1
        assert keeper.caller(f"Bearer {other}", "10.0.0.9").who == "Bilal"


def test_guessing_over_http_is_told_when_to_come_again(client, book):
    give(book, "reader")
    for _ in range(access.FAILURES):
        client.get("/", headers=bearer("rubbish"))

    answer = client.get("/", headers=bearer("rubbish"))

    refused(answer, 429, "access.slow_down")
    assert int(answer.headers["Retry-After"]) > 0


def test_a_role_that_is_none_is_a_fault_of_ours():
    with pytest.raises(ValueError, match="no role"):
        requires("king")


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"role": "king"}, "token.role"),
        ({"who": " "}, "token.who"),
        ({"who": "a\nb"}, "token.who"),
        ({"who": "x" * 201}, "token.who"),
        ({"expires_at": NOW}, "token.expired"),
    ],
)
def test_a_token_that_makes_no_sense_is_not_made(asked, code):
    with pytest.raises(InputError) as refusal:
        make(**{"who": "Aisha", "role": "reader", "at": NOW, "by": "founder", "expires_at": None, **asked})

    assert refusal.value.code == code


def test_only_a_hash_of_a_token_is_kept(book):
    token = give(book, "reader")

    held = b"".join(path.read_bytes() for path in book.parent.glob("book.db-service*"))

    assert b"$argon2id$" in held
    assert token.split("_", 2)[2].encode() not in held


def test_the_file_beside_the_book_is_its_owners_alone(book):
    give(book, "reader")

    assert book.with_name("book.db-service").stat().st_mode & 0o077 == 0


# -- other people's pages ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8080", "10.0.0.1", "[2001:db8::1]:8080", "127.0.0.1.evil.example"]
)
def test_a_name_that_was_made_to_point_here_is_refused(client, host):
    refused(client.get("/", headers={"Host": host}), 403, "access.host")


@pytest.mark.parametrize("host", ["localhost", "localhost:8080", "127.0.0.1", "127.8.8.8:1", "[::1]:8080", "LOCALHOST"])
def test_this_machines_own_names_are_taken(client, host):
    assert client.get("/", headers={"Host": host}).status_code == 200


def test_a_further_name_is_taken_where_it_was_given(serve):
    with serve(names=("book.mine",)) as client:
        assert client.get("/", headers={"Host": "book.mine:8080"}).status_code == 200


def test_a_page_of_another_origin_may_not_send_anything(client):
    refused(send(client, Origin="https://evil.example"), 403, "access.origin")
    refused(client.get("/", headers={"Origin": "null"}), 403, "access.origin")
    assert client.get("/", headers={"Origin": "http://127.0.0.1:8080"}).status_code == 200


def test_no_answer_invites_pages_of_another_origin(client):
    answer = client.options("/capture", headers={"Access-Control-Request-Method": "POST"})

    assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize(
    ("host", "own"),
    [
        *((host, True) for host in ("127.0.0.1", "127.1.2.3", "::1", "[::1]", "localhost")),
        *((host, False) for host in ("0.0.0.0", "::", "10.0.0.1", "example.org", "localhost.example")),
    ],
)
def test_only_an_address_that_nobody_else_reaches_is_this_machine(host, own):
    assert is_loopback(host) is own


# -- the audit log -------------------------------------------------------------------------------------------------


def test_every_write_and_every_refusal_is_in_the_audit_log_and_no_token_is(client, book):
    token = give(book, "administrator", who="Aisha")
    token_id = token.split("_")[1]
    headers = bearer(token)
    place = send(client, **headers).headers["Location"]
    client.get("/events", headers=headers)
    client.get("/nothing?token=1", headers=headers)
    client.get("/", headers=bearer("lode_000000000000_" + "s" * 43))
    client.put("/capture", headers=headers)

    lines = client.get("/audit", headers=headers).json()

    said = [
        (line["action"], line["target"], line["status"], line["code"], line["who"], line["token"]) for line in lines
    ]
    assert said == [
        ("POST", "/capture", 202, None, "Aisha", token_id),
        ("GET", "/nothing?token=1", 404, "http.not_found", "Aisha", token_id),
        ("GET", "/", 401, "access.bad_token", "-", None),
        ("PUT", "/capture", 405, "http.method", "Aisha", token_id),
    ]
    assert lines[0]["detail"] == f"job {place.removeprefix('/capture/')}"
    assert [line["seq"] for line in lines] == [1, 2, 3, 4]
    held = b"".join(path.read_bytes() for path in book.parent.glob("book.db-service*"))
    assert b"s" * 43 not in held


def test_who_is_refused_unheard_fills_one_line_of_the_log_and_is_counted(client, book, monkeypatch):
    token = give(book, "auditor")
    keeper, ticks = client.app.state.serving.gatekeeper, [0.0]
    monkeypatch.setattr(keeper, "_ticks", lambda: ticks[0])
    for _ in range(access.FAILURES + 5):
        client.get("/", headers=bearer("rubbish"))
    ticks[0] += access.FAILURES_WINDOW_S + 1
    for _ in range(access.FAILURES + 1):
        client.get("/", headers=bearer("rubbish"))
    ticks[0] += access.FAILURES_WINDOW_S + 1

    lines = client.get("/audit?perPage=100", headers=bearer(token)).json()

    slow = [line["detail"] for line in lines if line["code"] == "access.slow_down"]
    assert len(slow) == 2
    assert "4 more" in slow[1]
    assert sum(line["code"] == "access.bad_token" for line in lines) == 2 * access.FAILURES


def test_the_audit_log_comes_in_pages(client):
    for _ in range(5):
        client.get("/nothing")

    first = client.get("/audit?perPage=3")
    second = client.get(first.links["next"]["url"])

    assert [line["seq"] for line in (*first.json(), *second.json())] == [1, 2, 3, 4, 5]


def test_a_long_or_odd_path_is_cut_in_the_log_and_refused_to_the_caller(client):
    assert client.get("/" + "x" * 8_000).status_code == 404
    refused(client.get("/events?eventType=" + "x" * 17_000), 414, "http.url_too_long")

    assert all(len(line["target"]) <= 2_000 for line in client.get("/audit").json())
