"""Where a webhook goes: an address that has one reading only, so that what is checked is what is connected to."""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from urllib.parse import urlsplit

import msgspec

from lodeline.errors import InputError

LONGEST = 2_000
_NAME = re.compile(
    r"(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*"
)
_LONGEST_NAME = 253
_NUMBER = re.compile(r"\d+|0[xX][0-9A-Fa-f]*")
_VISIBLE = re.compile(r"[!-~]+")
_PORTS = {"http": 80, "https": 443}


class Destination(msgspec.Struct, frozen=True, kw_only=True):
    """An http or https address.

    Attributes:
        scheme: ``http`` or ``https``.
        host: A name in lower case, or an IP address in its one canonical form, without brackets.
        port: Written or the scheme's own.
        target: Path and query, as they were written.
    """

    scheme: str
    host: str
    port: int
    target: str

    @property
    def address(self) -> IPv4Address | IPv6Address | None:
        """The IP address, where the host is one."""
        try:
            return IPv6Address(self.host) if ":" in self.host else IPv4Address(self.host)
        except AddressValueError:
            return None

    @property
    def authority(self) -> str:
        """What stands in the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    def at(self, address: str) -> str:
        """The same place with an IP address instead of its name: what a connection is opened to."""
        return f"{self.scheme}://{f'[{address}]' if ':' in address else address}:{self.port}{self.target}"


def parse_destination(text: object) -> Destination:
    """Read a webhook's address. What two programs could read differently is refused rather than repaired.

    Raises:
        InputError: ``subscription.dest``.
    """
    if not isinstance(text, str) or not text:
        raise _flaw("Give dest, the address to which events are posted: https://host/path.")
    if len(text) > LONGEST or not _VISIBLE.fullmatch(text) or "\\" in text:
        raise _flaw(f"Write dest in at most {LONGEST} visible ASCII characters, a name in its xn-- form, without \\.")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as flaw:
        raise _flaw(
            "This dest cannot be read as an address; write https://host:port/path, the port in digits."
        ) from flaw
    if parts.scheme not in _PORTS or not text[len(parts.scheme) :].startswith("://"):
        raise _flaw("dest begins with https:// (or with http:// where that is allowed).")
    if "@" in parts.netloc:
        raise _flaw("dest carries no user name or password; use signatureToken to know the sender.")
    if parts.fragment or "#" in text:
        raise _flaw("dest has no fragment: leave out # and what follows it.")
    if port == 0 or parts.netloc.endswith(":"):
        raise _flaw("Give dest a port from 1 to 65535, or leave the colon out.")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Destination(scheme=parts.scheme, host=_host(parts.netloc), port=port or _PORTS[parts.scheme], target=target)


def _host(netloc: str) -> str:
    if netloc.startswith("["):
        literal, _, rest = netloc[1:].partition("]")
        if "%" in literal or (rest and not rest.startswith(":")):
            raise _flaw("Write an IPv6 address in brackets and without a zone: https://[2001:db8::1]/path.")
        try:
            return str(IPv6Address(literal))
        except AddressValueError as flaw:
            raise _flaw("What stands in brackets is no IPv6 address.") from flaw
    name = netloc.partition(":")[0]
    if _NUMBER.fullmatch(name.rstrip(".").rpartition(".")[2]):
        # Resolvers read 127.1, 0177.0.0.1, 0x7f000001 and 2130706433 as addresses: one form only is taken.
        try:
            return str(IPv4Address(name))
        except AddressValueError as flaw:
            raise _flaw("Write an IPv4 address as four decimal numbers without leading zeros: 203.0.113.7.") from flaw
    if not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
        raise _flaw("The host of dest is no name: letters, digits and hyphens, parted by dots, no dot at the end.")
    return name.lower()


def _flaw(sentence: str) -> InputError:
    return InputError("subscription.dest", sentence, field="dest")
