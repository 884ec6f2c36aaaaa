"""How many queries, subscriptions and websockets there may be, and what is forgotten."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from random import Random
from unittest.mock import Mock

import msgspec
import pytest

from lodeline.errors import InputError, NotFoundError, RequestError
from lodeline.ledger.service import queries, subscriptions
from lodeline.web.problems import problem_of
from lodeline.web.settings import Settings
from lodeline.web.subscribing import sockets
from lodeline.web.subscribing.runner import Runner, runner_for
from tests.web.subscriptions import START, World


@pytest.fixture
def world(tmp_path):
    made = World(tmp_path / "book.db")
    yield made
    made.close()


def test_named_queries_have_a_number_at_which_they_end(world, monkeypatch):
    monkeypatch.setattr(queries, "MOST", 2)
    world.query("a")
    world.query("b")
    with pytest.raises(InputError) as refused:
        world.query("c")
    assert refused.value.code == "query.too_many"


def test_subscriptions_have_a_number_at_which_they_end(world, monkeypatch):
    monkeypatch.setattr(subscriptions, "MOST", 2)
    named = world.query()
    world.subscribe(named)
    world.subscribe(named)
    with pytest.raises(InputError) as refused:
        world.subscribe(named)
    assert refused.value.code == "subscription.too_many"


def test_websockets_have_a_number_at_which_they_end(monkeypatch):
    monkeypatch.setattr(sockets, "MOST", 1)
    connections = sockets.Connections()
    watch = Mock(ended=asyncio.Event())
    connections.add(watch, None)
    with pytest.raises(RequestError) as refused:
        connections.require_room()
    assert refused.value.code == "subscription.too_many_websockets"
    assert problem_of(refused.value).status == 429
    connections.remove(watch, None)
    connections.require_room()


def test_a_subscription_to_a_query_that_goes_meanwhile_is_not_kept(world):
    named = world.query()
    world.service.queries.remove(named.name)
    with pytest.raises(NotFoundError) as refused:
        world.subscribe(named)
    assert refused.value.code == "query.unknown_name"
    assert world.service.subscriptions.all() == []


def test_a_change_that_comes_too_late_changes_nothing(world):
    held = world.subscribe(world.query())
    first = world.service.subscriptions.change(held, position=5)
    assert first.position == 5
    assert world.service.subscriptions.change(held, position=3) is None
    assert world.service.subscriptions.get(held.id).position == 5


def test_a_websocket_that_does_not_come_back_is_forgotten_and_a_webhook_never(world):
    named = world.query()
    webhook = world.subscribe(named)
    socket = msgspec.structs.replace(webhook, id="11111111-1111-4111-8111-111111111111", dest=None)
    world.service.subscriptions.add(socket)
    assert world.service.subscriptions.forget_websockets(before=START) == 0
    assert world.service.subscriptions.forget_websockets(before=START + timedelta(days=8)) == 1
    assert [each.id for each in world.service.subscriptions.all()] == [webhook.id]


def test_a_secret_stands_in_no_text_that_might_be_logged(world):
    held = world.subscribe(world.query(), signatureToken="s3cret")
    assert world.service.subscriptions.get(held.id).secret == "s3cret"
    assert "s3cret" not in f"{held} {held!r} {[held]}"


def test_what_the_administrator_allows_is_read_when_the_service_starts(world):
    with pytest.raises(InputError) as refused:
        runner_for(world.book, world.service, Settings(allow_inward=("10.0.0.1/8",)))
    assert refused.value.code == "subscription.allow"


def test_a_round_that_cannot_be_made_is_said_and_made_again(world, capsys, monkeypatch):
    monkeypatch.setattr("lodeline.web.subscribing.runner.READ_S", 0.05)
    held = world.subscribe(world.query())
    world.capture([1])
    failed: list[int] = []

    async def scenario() -> None:
        runner = Runner(
            world.book, world.service, sender=world.sender, clock=world.clock, chance=Random(2), poll_s=0.02
        )
        take = runner._turn.take

        def breaks_once() -> bool:
            if not failed:
                failed.append(1)
                raise OSError("the disk is away")
            return take()

        runner._turn.take = breaks_once
        await runner.start()
        for _ in range(200):
            if world.sender.sent:
                break
            await asyncio.sleep(0.05)
        await runner.stop()

    asyncio.run(scenario())
    assert world.sender.notes == [[1]]
    assert "the disk is away" in capsys.readouterr().err
    assert world.service.subscriptions.get(held.id).position == world.book.head().seq


def test_the_runner_forgets_what_stays_away(world):
    held = world.subscribe(world.query())
    socket = msgspec.structs.replace(held, id="11111111-1111-4111-8111-111111111111", dest=None)
    world.service.subscriptions.add(socket)

    async def scenario() -> None:
        runner = Runner(world.book, world.service, sender=world.sender, clock=world.clock, chance=Random(2))
        await runner.round()
        assert world.service.subscriptions.find(socket.id) is not None
        world.clock.move(days=8)
        runner.wake()
        runner._stale = True
        await runner.round()
        await runner.stop()

    asyncio.run(scenario())
    assert world.service.subscriptions.find(socket.id) is None


def test_a_fault_at_one_subscription_shows_there_and_holds_up_no_other(world, capsys):
    named, other = world.query(), world.query("other")
    broken, sound = world.subscribe(named), world.subscribe(other)
    world.capture([1])

    async def scenario() -> None:
        runner = Runner(world.book, world.service, sender=world.sender, clock=world.clock, chance=Random(2))
        find = runner._delivering._finder

        def finder(name: str):
            if name == "shipped":
                raise ZeroDivisionError("a fault of ours")
            return find(name)

        runner._delivering._finder = finder
        await runner.round()
        await runner.settled()
        await runner.stop()

    asyncio.run(scenario())
    failing = world.service.subscriptions.get(broken.id)
    assert (failing.state, failing.failures) == ("failing", 1)
    assert failing.due_at > world.clock.now
    assert "a fault of ours" in capsys.readouterr().err
    assert world.sender.notes == [[1]]
    assert world.service.subscriptions.get(sound.id).position == world.book.head().seq
