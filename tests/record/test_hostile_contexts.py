"""What a hostile file may leave behind in the memory through its contexts and names: next to nothing."""

import tracemalloc

from lodeline.record.context import Context


def left_behind(use) -> int:
    """Bytes that are still held after ``use`` was called with 0 to 39."""
    use(-1)
    tracemalloc.start()
    try:
        for number in range(40):
            use(number)
        return tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()


OURS = Context.parse(["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld", {"ex": "https://example.org/"}])


def test_a_large_context_in_every_event_is_forgotten_with_the_event():
    def use(number: int) -> None:
        own = {f"p{number}_{term}": f"https://example.org/{number}/{term}/" for term in range(2000)}
        assert OURS.merged(Context.parse(own)).expand(f"p{number}_7:x") == f"https://example.org/{number}/7/x"

    assert left_behind(use) < 500_000


def test_a_long_address_as_context_is_forgotten():
    def use(number: int) -> None:
        address = f"https://example.org/{number}/" + "x" * 100_000
        assert OURS.merged(Context.parse(address)).remote[-1] == address

    assert left_behind(use) < 500_000


def test_a_long_name_is_forgotten():
    def use(number: int) -> None:
        name = f"ex:{number}" + "x" * 100_000
        assert OURS.qualified(name) == "{https://example.org/}" + name[3:]

    assert left_behind(use) < 500_000


def test_short_names_for_a_long_address_are_forgotten():
    context = Context.parse({"p": "https://example.org/" + "x" * 8000 + "/"})

    def use(number: int) -> None:
        for local in range(100):
            assert context.qualified(f"p:{number}_{local}").endswith(f"}}{number}_{local}")

    assert left_behind(use) < 500_000


def test_a_context_of_ordinary_size_is_read_once():
    own = {"ex2": "https://example.org/2/"}

    assert Context.parse(own) is Context.parse(dict(own))
    assert OURS.merged(Context.parse(own)) is OURS.merged(Context.parse(dict(own)))
