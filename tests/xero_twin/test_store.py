"""The table of records: order, slices and indexes."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from xero_twin.store import Table


class Row(msgspec.Struct):
    id: str
    updated: int
    name: str | None = None


def test_records_come_in_the_order_of_their_last_change() -> None:
    table = Table[Row]()
    for row in (Row("b", 1), Row("a", 1), Row("c", 0)):
        table.put(row)
    table.put(Row("c", 2))
    assert [row.id for row in table.slice(0)] == ["a", "b", "c"]


def test_a_changed_record_is_found_by_its_new_value_only() -> None:
    table = Table[Row]({"name": lambda row: row.name})
    table.put(Row("a", 1, "x"))
    table.put(Row("b", 1, "x"))
    table.put(Row("a", 2, "y"))
    assert [row.id for row in table.find("name", "x")] == ["b"]
    assert table.first("name", "y") == Row("a", 2, "y")
    assert table.first("name", "z") is None


def test_a_removed_record_is_gone_from_everywhere() -> None:
    table = Table[Row]({"name": lambda row: row.name})
    table.put(Row("a", 1, "x"))
    table.remove("a")
    assert (len(table), table.get("a"), table.find("name", "x"), table.slice(0)) == (0, None, [], [])


operations = st.lists(
    st.tuples(
        st.sampled_from("abcde"),
        st.integers(0, 5),
        st.sampled_from(["x", "y", None]),
        st.booleans(),
    ),
    max_size=30,
)


@given(operations, st.integers(0, 6))
def test_the_table_agrees_with_a_plain_dictionary(steps: list[tuple[str, int, str | None, bool]], since: int) -> None:
    table, plain = Table[Row]({"name": lambda row: row.name}), dict[str, Row]()
    for key, updated, name, removing in steps:
        if removing and key in plain:
            table.remove(key)
            del plain[key]
        else:
            plain[key] = Row(key, updated, name)
            table.put(plain[key])
    ordered = sorted(plain.values(), key=lambda row: (row.updated, row.id))
    assert table.slice(table.start(since)) == [row for row in ordered if row.updated >= since]
    for name in ("x", "y"):
        assert {row.id for row in table.find("name", name)} == {row.id for row in ordered if row.name == name}
