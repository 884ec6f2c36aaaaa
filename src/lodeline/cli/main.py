"""The entry point: commands by name, loaded only when called, and every refusal as one sentence."""

from __future__ import annotations

import gc
import os
import sys

import click

from lodeline.cli.lazy import LazyGroup, ReaderGone
from lodeline.cli.refusals import exit_code_of
from lodeline.version import __version__

COMMANDS = {
    "init": "Create an empty book.",
    "capture": "Record the events of EPCIS documents.",
    "events": "List recorded events.",
    "query": "Ask for events in the EPCIS query language.",
    "show": "Show one event, document, lot or registered thing.",
    "hash": "Print the CBV event hash id of each event of a document.",
    "verify": "Prove the book: bytes, chain, documents.",
    "checkpoint": "Write down the head of the chain, to be kept elsewhere.",
    "document": "Keep documents beside the events, and list them.",
    "register": "Record master data from TOML or CSV.",
    "policy": "Show or set the policy in force.",
    "export": "Write the whole book, or its events as EPCIS, to a file.",
    "import": "Make a book from an export.",
    "inventory": "Say what is held where, per element, wet and dry.",
    "balance": "Account for an element: in, out, stock, and what is missing.",
    "reconcile": "Set every reading of a book, or of a flowsheet, against every other.",
    "findings": "List what does not fit, ranked by evidence.",
    "explain": "Say on what a reconciled figure rests, and what would narrow it.",
    "origin": "Say where the metal of a lot is from, and how certain a claim is.",
    "destinations": "Say where the metal of a lot went.",
    "why": "Tell the way of the metal of a lot, step by step.",
    "claims": "Hold claims of origin against a book, all at once.",
    "credits": "Enter mass-balance credits and hold them against a book.",
    "check": "Check a certificate of origin against a book.",
    "world": "Ask national statistics: dependence, what a partnership changes, claims, resources.",
    "flows": "Write where metal went, as tables.",
    "ancestry": "List the lots that a lot was made of, or became.",
    "migrate": "Bring an older book's tables up to today's.",
    "rebuild": "Build the derived tables again from the entries.",
    "report": "Say what the book shows, and what it does not.",
    "serve": "Serve a book over HTTP.",
    "token": "Say who may use a book over HTTP.",
    "subscription": "Show and end subscriptions: who is told of events.",
    "audit": "Show what was written and refused over HTTP.",
    "example": "Make an example book: the first shipment, or a synthetic programme.",
    "demo": "Build the first-shipment book and its report.",
}
"""Name and one line of help. The rest of a command is loaded when it is called, so that a cold start stays quick."""

EPILOG = """
\b
Exit codes:
  0  done
  1  refused for another reason   4  a document, event, id, unit or table is not valid
  2  wrong usage or input         5  the book cannot be opened or written
  3  no such thing                6  the book does not prove itself
  70 a fault of lodeline          130 stopped by Ctrl-C

\b
Examples:
  lodeline init book.db --title "Antimony, 2026"
  lodeline capture book.db shipment.json
  lodeline report book.db --html report.html
"""


THREADS = "OPENBLAS_NUM_THREADS"
"""How many threads numpy's linear algebra takes; whoever has set it keeps what was set."""


@click.group(
    cls=LazyGroup,
    told=COMMANDS,
    package="lodeline.cli.commands",
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, "-V", "--version", message="lodeline %(version)s")
def cli() -> None:
    """The books of metal for a critical-minerals partnership, from deposit to buyer.

    A BOOK is a file (book.db) or postgresql://user@host/database?schema=NAME.
    """


def main() -> None:
    """Run the command line and exit; no traceback ever reaches a user."""
    # With several threads of linear algebra the last digits of a figure are those of the machine, and where others work
    # too they wait for each other: the findings of 2,000 lots took 24 s with one, and 39 s with two.
    os.environ.setdefault(THREADS, "1")
    # A cold command imports much and frees little: looking for cycles less often saves up to a tenth of it.
    gc.set_threshold(50_000, 20, 20)
    try:
        code = cli.main(standalone_mode=False)
        sys.stdout.flush()
    except (BrokenPipeError, ReaderGone):
        # The reader of our output went away (`| head`): nothing is wrong, and nothing more can be said.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except BaseException as stop:  # noqa: BLE001  every end of a command is said in one sentence, faults too
        sys.exit(exit_code_of(stop))
    sys.exit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    main()
