"""Whatever is sent, the twin answers: odd values are refused, never a crash, and the books stay whole."""

from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.xero_twin.conftest import Xero
from xero_twin.fields import Fields
from xero_twin.resources import RESOURCES

odd = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**15), 10**15),
    st.decimals(-1000, 1000, places=3),
    st.text(max_size=12),
    st.sampled_from(["AUTHORISED", "ACCREC", "ACCPAY", "200", "OUTPUT2", "2026-11-02", "NoTax", "090", "USD", "1e400"]),
)
nested = st.recursive(odd, lambda inner: st.lists(inner, max_size=2), max_leaves=3)
KINDS = sorted(name for name, resource in RESOURCES.items() if resource.write is not None)


def _keys(fields: Fields) -> list[str]:
    return sorted(name for name in fields if name != name.lower())


@st.composite
def bodies(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    kind = draw(st.sampled_from(KINDS))
    keys = draw(st.lists(st.sampled_from(_keys(RESOURCES[kind].fields)), max_size=6))
    return kind, {key: draw(nested) for key in keys}


calm = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)


@calm
@given(bodies(), st.sampled_from(["PUT", "POST"]))
def test_any_body_of_known_keys_gets_an_answer(xero: Xero, sent: tuple[str, dict[str, Any]], method: str) -> None:
    kind, body = sent
    answer = xero.call(method, f"{kind}?summarizeErrors=false", body)
    assert answer.status_code in (200, 400, 404, 501), answer.text
    answer.read()


amounts = st.decimals(-10_000, 10_000, places=4)
lines = st.fixed_dictionaries(
    {"Description": st.just("x"), "AccountCode": st.sampled_from(["200", "260", "425", "nope"])},
    optional={
        "Quantity": st.decimals(0, 1000, places=4),
        "UnitAmount": amounts,
        "LineAmount": amounts,
        "TaxAmount": amounts,
        "DiscountRate": st.decimals(0, 100, places=2),
        "TaxType": st.sampled_from(["OUTPUT2", "ZERORATED", "NONE", "INPUT2"]),
    },
)


@calm
@given(
    st.lists(lines, max_size=4),
    st.sampled_from(["Exclusive", "Inclusive", "NoTax"]),
    st.sampled_from(["DRAFT", "SUBMITTED", "AUTHORISED"]),
)
def test_every_invoice_that_is_accepted_adds_up(
    xero: Xero, sent: list[dict[str, Any]], basis: str, status: str
) -> None:
    invoice = xero.invoice(LineItems=sent, LineAmountTypes=basis, Status=status)
    if invoice["StatusAttributeString"] == "ERROR":
        return
    held = xero.reread(invoice)
    taxes = sum((line.get("TaxAmount", Decimal(0)) for line in held["LineItems"]), Decimal(0))
    amounts_of_lines = sum((line.get("LineAmount", Decimal(0)) for line in held["LineItems"]), Decimal(0))
    assert held["SubTotal"] + held["TotalTax"] == held["Total"] == held["AmountDue"]
    assert held["TotalTax"] == taxes
    assert amounts_of_lines == (held["Total"] if basis == "Inclusive" else held["SubTotal"])


@calm
@given(st.lists(st.tuples(st.booleans(), st.decimals(Decimal("0.01"), 150, places=2)), max_size=8))
def test_what_is_due_is_the_total_less_the_live_payments(xero: Xero, steps: list[tuple[bool, Decimal]]) -> None:
    invoice, live = xero.invoice(), []
    for deleting, amount in steps:
        if deleting and live:
            payment = live.pop()
            xero.post(f"Payments/{payment['PaymentID']}", {"Status": "DELETED"})
        else:
            payment = xero.pay(invoice, amount)
            if payment["StatusAttributeString"] == "OK":
                live.append(payment)
        held = xero.reread(invoice)
        paid = sum((one["Amount"] for one in live), Decimal(0))
        assert held["AmountDue"] == held["Total"] - paid >= 0
        assert held["Status"] == ("PAID" if held["AmountDue"] == 0 else "AUTHORISED")
        assert {one["PaymentID"] for one in held.get("Payments", [])} == {one["PaymentID"] for one in live}
