"""How a refusal, a wrong call or a fault ends a command: one sentence on stderr and an exit code."""

from __future__ import annotations

import os
import sys
import traceback

import click

from lodeline.errors import LodelineError
from lodeline.errors.visible import visible

FAULT = 70
STOPPED = 130


def exit_code_of(stop: BaseException) -> int:
    """Say on stderr why the command ends, and give its exit code."""
    match stop:
        case SystemExit():
            return stop.code if isinstance(stop.code, int) else 1
        case LodelineError():
            _say(f"lodeline: {stop}")
            return stop.exit_code
        case click.exceptions.Exit():
            return stop.exit_code
        case click.Abort() | KeyboardInterrupt():
            _say("lodeline: stopped; what was acknowledged before is recorded, and nothing else.")
            return STOPPED
        case click.UsageError():
            usage = f"{stop.ctx.get_usage()}\n" if stop.ctx else ""
            _say(f"{usage}lodeline: {visible(stop.format_message(), limit=1_000)}")
            return stop.exit_code
        case click.ClickException():
            _say(f"lodeline: {visible(stop.format_message(), limit=1_000)}")
            return stop.exit_code
        case _:
            if os.environ.get("LODELINE_DEBUG"):
                traceback.print_exception(stop)
            _say(
                f"lodeline: this is a fault of lodeline ({type(stop).__name__}: {visible(str(stop))}); "
                "set LODELINE_DEBUG=1 to see where, and please report it. [internal.fault]"
            )
            return FAULT


def _say(line: str) -> None:
    print(line, file=sys.stderr)
