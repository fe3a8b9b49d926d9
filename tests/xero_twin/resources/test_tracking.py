"""Tracking categories and options: how they come, change and go, and what lines make of them."""

from typing import Any

from tests.xero_twin.conftest import Xero, messages


def category(xero: Xero, name: str = "Region", *options: str) -> dict[str, Any]:
    made = xero.put("TrackingCategories", {"Name": name})["TrackingCategories"][0]
    path = f"TrackingCategories/{made['TrackingCategoryID']}"
    if options:
        xero.put(f"{path}/Options", {"Options": [{"Name": option} for option in options]})
    return xero.get(path)["TrackingCategories"][0]


def tagged(xero: Xero, *tags: dict[str, str]) -> dict[str, Any]:
    line = {"Description": "x", "UnitAmount": 1, "AccountCode": "200", "Tracking": list(tags)}
    return xero.invoice(LineItems=[line])


def test_an_option_is_renamed_archived_and_deleted(xero: Xero) -> None:
    made = category(xero, "Region", "North", "South")
    path = f"TrackingCategories/{made['TrackingCategoryID']}"
    north, south = (f"{path}/Options/{one['TrackingOptionID']}" for one in made["Options"])
    invoice = tagged(xero, {"Name": "Region", "Option": "North"})
    assert xero.post(north, {"Name": "Upper"})["Options"][0]["Name"] == "Upper"
    assert xero.reread(invoice)["LineItems"][0]["Tracking"][0]["Option"] == "Upper"
    assert xero.call("POST", north, {"Name": "south"}).status_code == 400
    gone = xero.read(xero.call("DELETE", south))["Options"][0]
    assert (gone["Status"], gone["IsDeleted"]) == ("DELETED", True)
    used = xero.read(xero.call("DELETE", north))["Options"][0]
    assert (used["Status"], used["IsArchived"]) == ("ARCHIVED", True)
    assert [one["Name"] for one in xero.get(path)["TrackingCategories"][0]["Options"]] == ["Upper"]
    assert xero.call("DELETE", south).status_code == 404


def test_lines_take_active_options_only_and_none_is_made(xero: Xero) -> None:
    made = category(xero, "Region", "North", "South")
    path = f"TrackingCategories/{made['TrackingCategoryID']}"
    north = made["Options"][0]["TrackingOptionID"]
    assert not messages(tagged(xero, {"TrackingCategoryID": made["TrackingCategoryID"], "TrackingOptionID": north}))
    xero.post(f"{path}/Options/{north}", {"Status": "ARCHIVED"})
    for wrong in ({"Name": "Region", "Option": "North"}, {"Name": "Region", "Option": "West"}, {"Name": "Area"}):
        assert messages(tagged(xero, wrong)), wrong
    assert len(xero.get(path)["TrackingCategories"][0]["Options"]) == 2


def test_a_line_has_one_option_of_a_category(xero: Xero) -> None:
    category(xero, "Region", "North", "South")
    assert messages(tagged(xero, {"Name": "Region", "Option": "North"}, {"Name": "Region", "Option": "South"}))


def test_two_categories_are_active_and_a_used_one_is_archived_when_deleted(xero: Xero) -> None:
    first = category(xero, "Region", "North")
    second = category(xero, "Team", "Blue")
    assert xero.call("PUT", "TrackingCategories", {"Name": "Third"}).status_code == 400
    tag = {"Name": "Region", "Option": "North"}
    xero.order(LineItems=[{"Description": "x", "UnitAmount": 1, "AccountCode": "300", "Tracking": [tag]}])
    for made, status in ((first, "ARCHIVED"), (second, "DELETED")):
        answer = xero.read(xero.call("DELETE", f"TrackingCategories/{made['TrackingCategoryID']}"))
        assert answer["TrackingCategories"][0]["Status"] == status
    assert xero.get("TrackingCategories")["TrackingCategories"] == []
    archived = xero.get("TrackingCategories", includeArchived="true")["TrackingCategories"]
    assert [one["Name"] for one in archived] == ["Region"]
