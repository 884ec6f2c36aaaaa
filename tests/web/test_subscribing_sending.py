"""One POST to a webhook: what is sent, where it goes, and what counts as delivered."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import ssl
import time
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from lodeline.errors import InputError
from lodeline.web.subscribing.inward import Allowed
from lodeline.web.subscribing.sending import Answer, WebhookSender, signature
from tests.web.receiver import receiver

LOOPBACK = Allowed.of(["127.0.0.0/8", "::1"])
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def post(dest: str, body: bytes = b"{}", *, allowed: Allowed = LOOPBACK, headers=None, **how) -> Answer:
    sender = WebhookSender(allowed=allowed, clock=lambda: NOW, **how)
    return asyncio.run(sender.post(dest, body, headers or {}))


def answers(*turns: str):
    """A resolver whose answer changes from one question to the next."""
    given = iter(turns)

    async def resolve(host: str, port: int) -> list[str]:
        return [next(given)]

    return resolve


def test_a_signature_can_be_checked_with_any_hmac():
    """RFC 4231, test case 2: the key is ``Jefe``."""
    assert signature("Jefe", b"what do ya want for nothing?") == (
        "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    )
    assert signature("ключ", b"x") == "sha256=" + hmac.new("ключ".encode(), b"x", hashlib.sha256).hexdigest()


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_any_2xx_acknowledges(status):
    with receiver() as hook:
        hook.always = status
        answer = post(hook.url, b'{"a": 1}', headers={"Content-Type": "application/json"})
    assert answer.acknowledged
    assert answer.status == status
    assert hook.got[0].body == b'{"a": 1}'
    assert hook.got[0].headers["content-type"] == "application/json"
    assert hook.got[0].headers["host"] == f"127.0.0.1:{hook.port}"


@pytest.mark.parametrize("status", [400, 401, 404, 410, 413, 500, 503])
def test_nothing_else_acknowledges(status):
    with receiver() as hook:
        hook.always = (status, {}, b"a secret of the inside")
        answer = post(hook.url)
    assert not answer.acknowledged
    assert answer.status == status
    assert "secret" not in str(answer.problem)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status):
    with receiver() as inner, receiver() as hook:
        hook.always = (status, {"Location": inner.url}, b"")
        answer = post(hook.url)
    assert not answer.acknowledged
    assert "redirect" in str(answer.problem)
    assert inner.got == []


def test_a_name_is_resolved_once_and_only_its_checked_address_is_connected():
    """The name points outwards when it is checked at creation and inwards when it is used: it is asked again."""
    with receiver() as hook:
        sender = WebhookSender(allowed=Allowed(), resolver=answers("93.184.215.14", "127.0.0.1"))
        dest = f"https://rebind.example.com:{hook.port}/"
        asyncio.run(sender.check(dest))
        answer = asyncio.run(sender.post(dest, b"{}", {}))
    assert "dest_inward" in str(answer.problem)
    assert hook.got == []


def test_between_check_and_connection_no_name_is_asked_again():
    """A second question would get another address; there is none to get, since it is not asked."""
    with receiver() as hook:
        allowed = Allowed.of(["hooks.example.com"])
        sender = WebhookSender(allowed=allowed, resolver=answers("127.0.0.1"))
        answer = asyncio.run(sender.post(f"http://hooks.example.com:{hook.port}/a?b=c", b"{}", {}))
    assert answer.acknowledged
    assert hook.got[0].path == "/a?b=c"
    assert hook.got[0].headers["host"] == f"hooks.example.com:{hook.port}"


def test_the_next_address_is_tried_where_the_first_takes_no_connection():
    async def both(host: str, port: int) -> list[str]:
        return ["127.0.0.2", "127.0.0.1"]

    with receiver() as hook:
        answer = post(f"http://hooks.example.com:{hook.port}/", resolver=both)
    assert answer.acknowledged
    assert len(hook.got) == 1


def test_no_proxy_of_the_environment_is_used(monkeypatch):
    with receiver() as proxy, receiver() as hook:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        monkeypatch.delenv("NO_PROXY", raising=False)
        assert post(hook.url).acknowledged
    assert len(hook.got) == 1
    assert proxy.got == []


def test_a_dead_address_is_an_answer_not_a_fault():
    with receiver() as hook:
        dead = hook.url
    assert "no connection" in str(post(dead).problem)


def test_a_receiver_that_never_answers_is_given_up():
    with receiver() as hook:
        hook.always = lambda _: time.sleep(3) or 204
        answer = post(hook.url, total_s=0.3)
    assert answer == Answer(problem="no answer within 0.3 s")


def test_an_answer_without_end_is_not_read():
    """The status is known at once; a gigabyte that is said to follow is not waited for."""
    with receiver() as hook:
        hook.always = (200, {"Content-Length": str(10**9)}, b"x" * 100_000)
        assert post(hook.url, total_s=10.0).acknowledged


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("120", 120.0),
        ((NOW + timedelta(seconds=90)).strftime("%a, %d %b %Y %H:%M:%S GMT"), 90.0),
        ((NOW - timedelta(seconds=90)).strftime("%a, %d %b %Y %H:%M:%S GMT"), 0.0),
        ("soon", None),
        ("-5", None),
    ],
)
def test_the_receivers_wish_to_wait_is_heard(said, wanted):
    with receiver() as hook:
        hook.always = (503, {"Retry-After": said}, b"")
        assert post(hook.url).retry_after_s == wanted


def test_a_destination_is_refused_before_it_is_kept():
    sender = WebhookSender(allowed=Allowed(), resolver=answers("10.0.0.1"))
    with pytest.raises(InputError) as refused:
        asyncio.run(sender.check("https://hooks.example.com/"))
    assert refused.value.code == "subscription.dest_inward"


@pytest.fixture(scope="module")
def certified(tmp_path_factory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context with a certificate for hooks.example.com, and a client's that trusts its maker."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "hooks.example.com")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("hooks.example.com")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    public = made.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "both.pem").write_bytes(secret + public)
    (folder / "public.pem").write_bytes(public)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "both.pem")
    return server, ssl.create_default_context(cafile=str(folder / "public.pem"))


def test_the_certificate_must_be_for_the_name_though_an_address_is_connected(certified):
    server, client = certified

    async def here(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    with receiver(tls=server) as hook:
        named = post(f"https://hooks.example.com:{hook.port}/", resolver=here, tls=client)
        other = post(f"https://other.example.com:{hook.port}/", resolver=here, tls=client)
        bare = post(f"https://127.0.0.1:{hook.port}/", resolver=here, tls=client)
        untrusted = post(f"https://hooks.example.com:{hook.port}/", resolver=here)
    assert named.acknowledged
    assert [answer.acknowledged for answer in (other, bare, untrusted)] == [False] * 3
    assert len(hook.got) == 1
    assert hook.got[0].headers["host"] == f"hooks.example.com:{hook.port}"
