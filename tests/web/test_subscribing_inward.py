"""Where a webhook may go: the long list of ways to point inwards, and what an honest address looks like."""

from __future__ import annotations

import asyncio
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodeline.errors import InputError
from lodeline.web.subscribing import inward
from lodeline.web.subscribing.destination import parse_destination
from lodeline.web.subscribing.inward import Allowed, checked_addresses, points_inward

OUT = "93.184.215.14"
NOTHING = Allowed()


def resolver(*addresses: str):
    async def resolve(host: str, port: int) -> list[str]:
        return list(addresses)

    return resolve


def checked(dest: str, *addresses: str, allowed: Allowed = NOTHING) -> list[str]:
    return asyncio.run(checked_addresses(parse_destination(dest), resolver=resolver(*addresses), allowed=allowed))


def refusal(dest: object, *addresses: str, allowed: Allowed = NOTHING) -> str:
    with pytest.raises(InputError) as refused:
        asyncio.run(checked_addresses(parse_destination(dest), resolver=resolver(*addresses), allowed=allowed))
    return refused.value.code


def test_a_public_name_is_connected_at_its_checked_address():
    assert checked("https://hooks.example.com/a?b=c", OUT, "2606:4700::1111") == [OUT, "2606:4700::1111"]


@pytest.mark.parametrize(
    "dest",
    [
        "https://127.0.0.1/",
        "https://127.1.2.3/",
        "https://10.0.0.1/",
        "https://172.16.0.1/",
        "https://172.31.255.255/",
        "https://192.168.1.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://100.64.0.1/",
        "https://100.100.100.200/",
        "https://192.0.0.192/",
        "https://168.63.129.16/",
        "https://0.0.0.0/",
        "https://0.1.2.3/",
        "https://198.18.0.1/",
        "https://192.0.2.1/",
        "https://198.51.100.1/",
        "https://203.0.113.1/",
        "https://192.88.99.1/",
        "https://224.0.0.1/",
        "https://239.255.255.250/",
        "https://240.0.0.1/",
        "https://255.255.255.255/",
        "https://[::1]/",
        "https://[::]/",
        "https://[0:0:0:0:0:0:0:1]/",
        "https://[::127.0.0.1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::ffff:7f00:1]/",
        "https://[0:0:0:0:0:ffff:a9fe:a9fe]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[64:ff9b::169.254.169.254]/",
        "https://[64:ff9b:1::1]/",
        "https://[2002:7f00:1::]/",
        "https://[2002:a9fe:a9fe::1]/",
        "https://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/",
        "https://[2001:db8::1]/",
        "https://[fe80::1]/",
        "https://[fec0::1]/",
        "https://[fc00::1]/",
        "https://[fd00:ec2::254]/",
        "https://[ff02::1]/",
        "https://[100::1]/",
        "https://[5f00::1]/",
        "https://[::ffff:0:127.0.0.1]/",
        "https://[::ffff:0:8.8.8.8]/",
        "https://[4000::1]/",
        "https://[2606:4700::5efe:7f00:1]/",
        "https://[2606:4700::200:5efe:169.254.169.254]/",
    ],
)
def test_an_address_that_points_inwards_is_refused(dest):
    assert refusal(dest) == "subscription.dest_inward"


@pytest.mark.parametrize(
    "addresses",
    [
        ("127.0.0.1",),
        ("169.254.169.254",),
        ("::1",),
        ("::ffff:10.0.0.1",),
        ("fe80::1%eth0",),
        (OUT, "10.0.0.1"),
        ("10.0.0.1", OUT),
        (OUT, "2606:4700::1111", "::ffff:127.0.0.1"),
    ],
)
def test_a_name_with_any_inward_address_is_refused(addresses):
    for name in ("localhost", "rebind.example.com", "metadata.google.internal", "xn--n3h.example"):
        assert refusal(f"https://{name}/", *addresses) == "subscription.dest_inward"


@pytest.mark.parametrize(
    "dest",
    [
        None,
        7,
        "",
        "hooks.example.com/path",
        "//hooks.example.com/path",
        "ftp://hooks.example.com/",
        "file:///etc/passwd",
        "gopher://127.0.0.1:6379/_INFO",
        "javascript:alert(1)",
        "https:/hooks.example.com/",
        "https:hooks.example.com",
        "https://",
        "https:///path",
        "https://:443/",
        "https://hooks.example.com:/",
        "https://hooks.example.com:0/",
        "https://hooks.example.com:65536/",
        "https://hooks.example.com:８０/",
        "https://hooks.example.com:80:90/",
        "https://user@hooks.example.com/",
        "https://user:word@127.0.0.1/",
        "https://hooks.example.com@127.0.0.1/",
        "https://127.0.0.1#@hooks.example.com/",
        "https://hooks.example.com/#part",
        "https://hooks.example.com#",
        "https://hooks.example.com\\@127.0.0.1/",
        "https://127.0.0.1\\.hooks.example.com/",
        "https://hooks.example.com/ path",
        " https://hooks.example.com/",
        "https://hooks.example.com/\r\nHost: evil",
        "https://hooks.example.com/\t",
        "https://hooks.exam\tple.com/",
        "https://hooks.example.com\0.evil.example/",
        # Numbers that resolvers read as an IPv4 address.
        "https://2130706433/",
        "https://017700000001/",
        "https://0x7f000001/",
        "https://0x7f.0.0.1/",
        "https://0177.0.0.1/",
        "https://127.1/",
        "https://127.0.1/",
        "https://127.0.0.01/",
        "https://127.0.0.1./",
        "https://1.2.3.4.5/",
        "https://256.256.256.256/",
        "https://0/",
        "https://0x/",
        "https://example.0x7f/",
        # Names that could be read in two ways.
        "https://hooks.example.com./",
        "https://localhost./",
        "https://.example.com/",
        "https://hooks..example.com/",
        "https://-hooks.example.com/",
        "https://hooks-.example.com/",
        "https://%6c%6f%63%61%6c%68%6f%73%74/",
        "https://127%2e0%2e0%2e1/",
        "https://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/",
        "https://①②⑦.⓪.⓪.①/",
        "https://１２７.0.0.1/",
        "https://127。0。0。1/",
        "https://bücher.example/",
        "https://loc\u00adalhost/",
        "https://" + "a" * 64 + ".example/",
        "https://" + "a." * 127 + "example/",
        "https://[::1/",
        "https://::1/",
        "https://[fe80::1%25eth0]/",
        "https://[fe80::1%eth0]/",
        "https://[::1]evil.example/",
        "https://[::1].evil.example/",
        "https://[127.0.0.1]/",
        "https://[v1.x]/",
        "https://hooks.example.com/" + "a" * 2_000,
    ],
)
def test_what_two_programs_could_read_differently_is_refused(dest):
    assert refusal(dest, OUT) == "subscription.dest"


def test_a_name_that_is_not_known_is_refused(monkeypatch):
    async def unknown(host: str, port: int) -> list[str]:
        raise OSError("no such name")

    async def silent(host: str, port: int) -> list[str]:
        await asyncio.sleep(3600)
        return [OUT]

    monkeypatch.setattr(inward, "RESOLVE_S", 0.05)
    for answer in (unknown, silent, resolver()):
        with pytest.raises(InputError) as refused:
            asyncio.run(
                checked_addresses(parse_destination("https://nowhere.example/"), resolver=answer, allowed=NOTHING)
            )
        assert refused.value.code == "subscription.dest_unresolved"


def test_what_is_not_encrypted_is_refused_unless_its_host_is_allowed():
    assert refusal("http://hooks.example.com/", OUT) == "subscription.dest_plain"
    assert checked("http://hooks.example.com/", OUT, allowed=Allowed.of(["hooks.example.com"])) == [OUT]
    assert checked("http://hooks.example.com/", OUT, allowed=Allowed.of([OUT])) == [OUT]


def test_an_inward_address_is_allowed_by_host_by_address_and_by_network():
    for entry in ("localhost", "127.0.0.1", "127.0.0.0/8"):
        assert checked("http://localhost:8000/", "127.0.0.1", allowed=Allowed.of([entry])) == ["127.0.0.1"]
    assert checked("https://[::1]/", allowed=Allowed.of(["::1"])) == ["::1"]
    assert checked("https://[::ffff:127.0.0.1]/", allowed=Allowed.of(["127.0.0.1"])) == ["::ffff:7f00:1"]


def test_what_is_allowed_allows_nothing_beside_it():
    allowed = Allowed.of(["10.1.0.0/16", "inner.example"])
    assert refusal("https://hooks.example.com/", "10.2.0.1", allowed=allowed) == "subscription.dest_inward"
    assert refusal("https://not-inner.example/", "127.0.0.1", allowed=allowed) == "subscription.dest_inward"
    assert refusal("https://a.inner.example/", "127.0.0.1", allowed=allowed) == "subscription.dest_inward"
    assert refusal("https://hooks.example.com/", "10.1.0.1", "10.2.0.1", allowed=allowed) == "subscription.dest_inward"


@pytest.mark.parametrize("entry", ["10.0.0.1/8", "300.1.1.1", "10.0.0.0/33", "*", "", "bücher.example", "a/b"])
def test_an_entry_that_allows_nothing_clear_is_refused(entry):
    with pytest.raises(InputError) as refused:
        Allowed.of([entry])
    assert refused.value.code == "subscription.allow"


def test_a_destination_is_kept_as_it_was_written():
    place = parse_destination("https://Hooks.Example.COM:8443/Path/%7Ea?x=%2F&y")
    assert (place.host, place.port, place.target) == ("hooks.example.com", 8443, "/Path/%7Ea?x=%2F&y")
    assert place.authority == "hooks.example.com:8443"
    assert place.at("2606:4700::1111") == "https://[2606:4700::1111]:8443/Path/%7Ea?x=%2F&y"
    assert parse_destination("https://hooks.example.com").authority == "hooks.example.com"
    assert parse_destination("https://[2606:4700:0:0::1111]/").authority == "[2606:4700::1111]"


@given(st.integers(0, 2**32 - 1))
def test_every_notation_of_an_ipv4_address_has_the_same_verdict(number):
    plain = ip_address(number)
    verdict = points_inward(plain)
    assert points_inward(ip_address(f"::ffff:{plain}")) == verdict
    assert points_inward(ip_address(f"64:ff9b::{plain}")) == verdict
    high, low = number >> 16, number & 0xFFFF
    assert not verdict or points_inward(ip_address(f"2002:{high:x}:{low:x}::1"))


@given(st.ip_addresses())
def test_nothing_that_python_calls_private_passes(address):
    """An independent list: the standard library's own."""
    if address.is_private or address.is_loopback or address.is_link_local or address.is_multicast:
        mapped = getattr(address, "ipv4_mapped", None)
        assert points_inward(address) or (mapped is not None and mapped.is_global)
