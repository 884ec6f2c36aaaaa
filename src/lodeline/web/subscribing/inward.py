"""Addresses that point inwards: a webhook there would let a stranger reach what only this machine can reach.

A name is resolved once for each connection, all its addresses are checked, and the connection is opened to a checked
address: an answer that changes between check and use changes nothing.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import msgspec

from lodeline.errors import InputError
from lodeline.web.subscribing.destination import Destination

Address = IPv4Address | IPv6Address
Resolver = Callable[[str, int], Awaitable[list[str]]]
"""Addresses of a name, in the order in which they are to be tried."""

INWARD = tuple(
    ip_network(network)
    for network in (
        # Source: IANA IPv4 and IPv6 Special-Purpose Address Registries; RFC 6890 and those it lists.
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        # A cloud's own address for its machines, though it lies among the public ones.
        "168.63.129.16/32",
        "::/96",
        "::ffff:0:0/96",
        "64:ff9b:1::/48",
        "100::/64",
        "2001::/23",
        "2001:db8::/32",
        "3fff::/20",
        "5f00::/16",
        "fc00::/7",
        "fe80::/10",
        "fec0::/10",
        "ff00::/8",
    )
)
"""Networks that are not for the public internet: loopback, private, shared, link-local, multicast, documentation."""

_UNICAST = IPv6Network("2000::/3")
"""All of IPv6 that is given out for the public internet; an address beyond it is translated, reserved, or local.
Source: IANA IPv6 Address Space."""
_ISATAP = (b"\x00\x00\x5e\xfe", b"\x02\x00\x5e\xfe")
"""The middle of an address that carries an IPv4 address at its end. Source: RFC 5214, section 6.1."""
_NAT64 = IPv6Network("64:ff9b::/96")
_6TO4 = IPv6Network("2002::/16")
_TRIES = 4
RESOLVE_S = 10.0
"""How long the resolver may take, seconds."""


class Allowed(msgspec.Struct, frozen=True):
    """What the administrator allows although it points inwards, or is not encrypted.

    Attributes:
        hosts: Names, exactly.
        networks: Networks and single addresses.
    """

    hosts: frozenset[str] = frozenset()
    networks: tuple[IPv4Network | IPv6Network, ...] = ()

    @classmethod
    def of(cls, entries: Iterable[str]) -> Allowed:
        """Read ``HOST``, ``ADDRESS`` or ``CIDR`` entries.

        Raises:
            InputError: ``subscription.allow``.
        """
        hosts, networks = set(), []
        for entry in entries:
            try:
                networks.append(ip_network(entry.strip("[]")))
            except ValueError:
                if "/" in entry or not any(letter.isalpha() for letter in entry) or not entry.isascii():
                    raise InputError(
                        "subscription.allow",
                        "Allow a host name, an address, or a whole network such as 10.0.0.0/8.",
                        entry=entry,
                    ) from None
                hosts.add(entry.lower())
        return cls(frozenset(hosts), tuple(networks))

    def takes(self, host: str, address: Address) -> bool:
        """Whether a host at an address was allowed, by either."""
        if host in self.hosts:
            return True
        return any(plain in network for plain in _readings(address) for network in self.networks)


def points_inward(address: Address) -> bool:
    """Whether an address is not one of the public internet, in any of the ways in which it may be read."""
    return any(
        plain.is_multicast
        or not plain.is_global
        or (isinstance(plain, IPv6Address) and plain not in _UNICAST)
        or any(plain in network for network in INWARD)
        for plain in _readings(address)
    )


def _readings(address: Address) -> tuple[Address, ...]:
    """An address, and the IPv4 address that it carries where it is of a form that carries one."""
    if isinstance(address, IPv4Address):
        return (address,)
    if address.ipv4_mapped is not None:
        # The same machine in another notation: nothing but the IPv4 address counts.
        return (address.ipv4_mapped,)
    if address in _NAT64:
        return (IPv4Address(address.packed[12:]),)
    if address.packed[8:12] in _ISATAP:
        return (address, IPv4Address(address.packed[12:]))
    if address in _6TO4:
        return (address, IPv4Address(address.packed[2:6]))
    return (address,)


async def system_resolver(host: str, port: int) -> list[str]:
    """What this machine's resolver says."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(place[0]) for *_, place in found]


async def checked_addresses(dest: Destination, *, resolver: Resolver, allowed: Allowed) -> list[str]:
    """The addresses to which a destination may be connected, each of them checked.

    One that points inwards is enough to refuse all: an honest name has none beside public ones.

    Raises:
        InputError: ``subscription.dest_unresolved``, ``subscription.dest_inward``, ``subscription.dest_plain``.
    """
    if dest.address is not None:
        written = [str(dest.address)]
    else:
        try:
            async with asyncio.timeout(RESOLVE_S):
                written = await resolver(dest.host, dest.port)
        except OSError as flaw:  # TimeoutError is one too
            raise _unresolved(dest) from flaw
    # A zone names an interface of this machine; nothing outward has one.
    if not written:
        raise _unresolved(dest)
    addresses = [ip_address(each) for each in dict.fromkeys(written)]
    for address in addresses:
        vouched = allowed.takes(dest.host, address)
        if points_inward(address) and not vouched:
            raise InputError(
                "subscription.dest_inward",
                "dest points into this machine's own network; give a public address, or let the administrator "
                "allow it (lodeline serve --allow-inward).",
                host=dest.host,
            )
        if dest.scheme == "http" and not vouched:
            raise InputError(
                "subscription.dest_plain",
                "dest is not encrypted; write https://, or let the administrator allow this host "
                "(lodeline serve --allow-inward).",
                host=dest.host,
            )
    return [str(address) for address in addresses[:_TRIES]]


def _unresolved(dest: Destination) -> InputError:
    return InputError(
        "subscription.dest_unresolved", "No address is known for the host of dest; check its name.", host=dest.host
    )
