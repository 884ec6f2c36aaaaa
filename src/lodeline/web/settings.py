"""What the service of a book is told when it starts. Nothing here is guessed later."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import ip_address

from lodeline.book.clock import Clock, system_clock

HOST = "127.0.0.1"
PORT = 8080
CAPTURE_EVENTS = 100_000
CAPTURE_BYTES = 64 * 1024 * 1024
PER_PAGE = 30
LARGEST_PAGE = 1_000


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How one book is served.

    Attributes:
        host, port: Where it listens. Another host than this machine's own needs an access token.
        names: Further names under which it may be asked for (the ``Host`` header), beside those of this machine.
        local_name: Who records where the service is open to this machine; it goes into the chain.
        capture_events, capture_bytes: The largest document taken, in events and in bytes.
        waiting_bytes: How many bytes of accepted documents may wait for their turn; more are told to come again.
        largest_page: The most events or names in one answer, whatever ``perPage`` asks for.
        page_token_s: How long a ``nextPageToken`` can be used, in seconds.
        body_wait_s: How long a caller may take to send a body, in seconds.
        company_prefixes: GS1 company prefixes, so that a Digital Link can be written as an EPC URN.
        allow_inward: Hosts and networks of this machine or its neighbourhood that a subscription may be sent to.
        clock: Gives the time.
    """

    host: str = HOST
    port: int = PORT
    names: tuple[str, ...] = ()
    local_name: str = "local"
    capture_events: int = CAPTURE_EVENTS
    capture_bytes: int = CAPTURE_BYTES
    waiting_bytes: int = 1024 * 1024 * 1024
    largest_page: int = LARGEST_PAGE
    page_token_s: int = 86_400
    body_wait_s: float = 120.0
    company_prefixes: tuple[str, ...] = ()
    allow_inward: tuple[str, ...] = ()
    clock: Clock = field(default=system_clock)

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach the service."""
        return is_loopback(self.host)


def is_loopback(host: str) -> bool:
    """Whether a host is this machine and nothing else. A name that could be resolved to anything is not."""
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
