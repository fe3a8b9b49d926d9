"""New GUIDs: drawn many at once, and the same ones as drawn one by one."""

import random

from hypothesis import given
from hypothesis import strategies as st

from xero_twin.organisation import Guids


def one_by_one(seed: int, count: int) -> list[str]:
    source = random.Random(seed)
    middle = source.randbytes(5).hex()
    own = [source.randbytes(10).hex() for _ in range(count)]
    return [f"{text[:8]}-{middle[:4]}-4{middle[4:7]}-a{middle[7:]}-{text[8:]}" for text in own]


@given(st.integers(0, 2**32), st.lists(st.integers(0, 700), max_size=5))
def test_guids_drawn_at_once_are_those_drawn_one_by_one(seed: int, counts: list[int]) -> None:
    guids = Guids(seed)
    found = [guid for count in counts for guid in guids.some(count)]
    assert [*found, guids.new()] == one_by_one(seed, sum(counts) + 1)
    assert guids.made == sum(counts) + 1


def test_after_going_on_none_is_made_again() -> None:
    guids, again = Guids(7), Guids(7)
    before = guids.some(1000)
    again.go_on(guids.made)
    assert again.made > guids.made
    assert not set(before) & set(again.some(1000))
