"""``lodeline token``: who may use a book over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from lodeline.cli.options import book_argument, by_option, json_option
from lodeline.cli.output import print_json, print_table
from lodeline.errors import InputError

if TYPE_CHECKING:
    from lodeline.book.service import Service, Token

ROLES = ("reader", "recorder", "auditor", "administrator")


@click.group("token")
def command() -> None:
    """Say who may use a book over HTTP. From the first token on, every request needs one."""


@command.command("create", epilog='Example:\n\n  lodeline token create book.db --who "Weighbridge 2" --role recorder')
@book_argument
@click.option("--who", required=True, help="Whom it is for; what is captured with it carries this name.")
@click.option("--role", required=True, type=click.Choice(ROLES), help="What it may do.")
@click.option("--days", type=click.IntRange(1, 36_500), help="Until when, in days from now; for ever if not given.")
@by_option
@json_option
def create(book: str, who: str, role: str, days: int | None, by: str, as_json: bool) -> None:
    """Make a token for BOOK and show it, once."""
    from lodeline.book.service import open_service
    from lodeline.web.secrets import make

    now = datetime.now(UTC)
    ends = None if days is None else now + timedelta(days=days)
    with open_service(book) as service:
        kept, token = make(who=who, role=role, at=now, by=by, expires_at=ends)
        service.tokens.add(kept)
        _note(service, "token create", kept, by, now)
    if as_json:
        print_json({**_row(kept), "token": token})
    else:
        print(
            f"{token}\n\nThis is the token of {who} ({role}). It is shown once and kept nowhere; give it to them now."
        )


@command.command("list")
@book_argument
@json_option
def list_tokens(book: str, as_json: bool) -> None:
    """List the tokens of BOOK: ids and holders, never the tokens."""
    from lodeline.book.service import open_service

    with open_service(book) as service:
        rows = [_row(token) for token in service.tokens.all()]
    if as_json:
        print_json(rows)
    else:
        names = ("id", "who", "role", "created_at", "expires_at", "revoked_at")
        print_table([name.replace("_", " ") for name in names], [[row[name] or "" for name in names] for row in rows])


@command.command("revoke", epilog="Example:\n\n  lodeline token revoke book.db 1f0c33aa9b20")
@book_argument
@click.argument("token_id", metavar="ID")
@by_option
def revoke(book: str, token_id: str, by: str) -> None:
    """Take a token of BOOK back. It is refused from the next request on."""
    from lodeline.book.service import open_service

    if token_id.startswith("lode_"):
        raise InputError("token.not_an_id", "Give the token's id, which `lodeline token list` shows, not the token.")
    now = datetime.now(UTC)
    with open_service(book) as service:
        token = service.tokens.revoke(token_id, at=now, by=by)
        _note(service, "token revoke", token, by, now)
    print(f"revoked: {token.id} of {token.who} ({token.role})")


def _note(service: Service, action: str, token: Token, by: str, now: datetime) -> None:
    service.audit.write(
        at=now, who=by, role="-", token=None, address="command line", action=action, target=token.id, status=0,
        code=None, detail=f"{token.role} for {token.who}",
    )  # fmt: skip


def _row(token: Token) -> dict[str, Any]:
    said = {name: getattr(token, name) for name in token.__struct_fields__ if name != "hash"}
    return {name: value.isoformat(timespec="seconds") if isinstance(value, datetime) else value
            for name, value in said.items()}  # fmt: skip
