"""A worker: prepares batches of events that come on standard input, until that ends.

A process of our own making rather than a pool of the standard library: it does not import the caller's main
module, needs no fork in a program that may have threads, and ends by itself when its parent is killed.
Frames on both pipes: 4 bytes of length, big-endian, and msgpack.
"""

from __future__ import annotations

import gc
import signal
import sys
from struct import Struct
from typing import BinaryIO

import msgspec

from lodeline.ledger.batches import Task, prepare_task

LENGTH = Struct(">I")


def read_frame(stream: BinaryIO) -> bytes | None:
    """The next frame; None at a clean end."""
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack(head)
    body = stream.read(length)
    return body if len(body) == length else None


def write_frame(stream: BinaryIO, body: bytes) -> None:
    """Write one frame and push it out."""
    stream.write(LENGTH.pack(len(body)))
    stream.write(body)
    stream.flush()


def main() -> None:
    """Answer each task until there are no more."""
    # Events are trees: reference counts free them. A collector that walks them all costs a third of the time.
    gc.disable()
    # The parent decides what an interrupt means, and ends its workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    first_only = sys.argv[1:] == ["first-only"]
    decode = msgspec.msgpack.Decoder(Task).decode
    encode = msgspec.msgpack.Encoder().encode
    while (frame := read_frame(sys.stdin.buffer)) is not None:
        write_frame(sys.stdout.buffer, encode(prepare_task(decode(frame), first_only=first_only)))


if __name__ == "__main__":
    main()
