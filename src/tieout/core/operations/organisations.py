"""Setting an organisation up: the company itself, its lock date, its tax rules and its payment terms."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date

from tieout.core import rules
from tieout.core.fields import OrganisationChoices, OrganisationFields, PaymentTermFields, TaxRuleFields
from tieout.core.models import Contact, CostDating, Organisation, PaymentTerm, TaxRule, Touch
from tieout.core.operations.recording import difference, fields_of, one_change, refuse_if
from tieout.core.rules import Problem
from tieout.people.audit import record_event
from tieout.people.models import Action

# Each choice as the settings page calls it.
TITLES = {
    "use_credit_by_order": "Credit taken for an order is used by itself",
    "book_costs": "The cost of shipped goods is booked by itself",
    "cost_dating": "Later changes of cost are dated",
    "lock_date": "Core is locked up to",
}


def create_organisation(values: OrganisationFields, *, actor: str) -> Organisation:
    """A new company. Its base currency stays as it is once documents exist."""
    values = rules.tidied(values)
    refuse_if(rules.check_organisation(values))
    with one_change(values):
        organisation = Organisation.objects.create(**asdict(values))
        record_event(organisation.id, actor, Action.CREATED, kind="organisation", label=values.name)
    return organisation


def set_lock_date(organisation: Organisation, lock_date: date | None, *, actor: str) -> None:
    """Close the books up to and including `lock_date`, or open them with None."""
    with one_change(organisation):
        current = Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
        set_choices(organisation, replace(fields_of(OrganisationChoices, current), lock_date=lock_date), actor=actor)


def set_choices(organisation: Organisation, values: OrganisationChoices, *, actor: str) -> None:
    """How Core keeps these books from now on. Each choice that changes gets a line in the audit trail, in the words of
    the settings page. May raise Refused."""
    if values.cost_dating not in CostDating.values:
        reason = f"is no way to date a change of cost; choose one of {', '.join(CostDating.values)}"
        refuse_if([Problem("cost_dating", values.cost_dating, reason)])
    with one_change(values):
        current = Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
        before, after = fields_of(OrganisationChoices, current), asdict(values)
        for name in difference(before, values):
            detail = {"key": name, "from": _said(getattr(before, name)), "to": _said(after[name])}
            record_event(
                current.pk, actor, Action.SETTING_CHANGED, kind="organisation", label=TITLES[name], detail=detail
            )
        Organisation.objects.filter(pk=current.pk).update(**after)
    for name, value in after.items():
        setattr(organisation, name, value)


def _said(choice: bool | str | date | None) -> str:
    if isinstance(choice, bool):
        return "Yes" if choice else "No"
    if choice is None or isinstance(choice, date):
        return f"{choice:%d %b %Y}" if choice else "not set"
    return str(CostDating(choice).label)


def create_tax_rule(organisation: Organisation, values: TaxRuleFields, *, actor: str) -> TaxRule:
    values = rules.tidied(values)
    refuse_if(rules.check_tax_rule(values))
    with one_change(values):
        only_default(organisation, values)
        rule = TaxRule.objects.create(organisation=organisation, **asdict(values))
        record_event(organisation.id, actor, Action.CREATED, kind="tax_rule", label=values.name)
    return rule


def edit_tax_rule(rule: TaxRule, values: TaxRuleFields, *, actor: str) -> TaxRule:
    """Change a tax rule. Documents keep the tax they were computed with until they are edited themselves."""
    values = rules.tidied(values)
    refuse_if(rules.check_tax_rule(values))
    with one_change(values):
        current = TaxRule.objects.select_for_update().get(pk=rule.pk)
        changed = difference(fields_of(TaxRuleFields, current), values)
        if changed:
            only_default(current.organisation, values, current)
            TaxRule.objects.filter(pk=rule.pk).update(**asdict(values))
            record_event(rule.organisation_id, actor, Action.EDITED, kind="tax_rule", label=values.name, detail=changed)
    rule.refresh_from_db()
    return rule


def only_default(organisation: Organisation, values: TaxRuleFields, rule: TaxRule | None = None) -> None:
    """Whatever was the default before is it no more."""
    for name in ("default_for_sales", "default_for_purchases"):
        if getattr(values, name):
            others = TaxRule.objects.filter(organisation=organisation, **{name: True})
            (others.exclude(pk=rule.pk) if rule else others).update(**{name: False})


def choose_default_tax(
    organisation: Organisation, sale: TaxRule | None, purchase: TaxRule | None, *, actor: str
) -> None:
    """Which rules count where neither line, product, document nor contact names one; for documents from now on."""
    with one_change(organisation):
        rules_now = {rule.pk: rule for rule in TaxRule.objects.select_for_update().filter(organisation=organisation)}
        strange = [rule for rule in (sale, purchase) if rule is not None and rule.pk not in rules_now]
        refuse_if([Problem("tax_rule", rule.name, "is not a tax rule of this organisation") for rule in strange])
        chosen = {"default_for_sales": sale, "default_for_purchases": purchase}
        for name, rule in chosen.items():
            before = next((each for each in rules_now.values() if getattr(each, name)), None)
            if before == rule:
                continue
            TaxRule.objects.filter(organisation=organisation, **{name: True}).update(**{name: False})
            if rule is not None:
                TaxRule.objects.filter(pk=rule.pk).update(**{name: True})
            label = "Default tax rule for " + name.removeprefix("default_for_")
            detail = {"from": str(before or ""), "to": str(rule or "")}
            record_event(
                organisation.pk, actor, Action.SETTING_CHANGED, kind="organisation", label=label, detail=detail
            )


def create_payment_term(organisation: Organisation, values: PaymentTermFields, *, actor: str) -> PaymentTerm:
    values = rules.tidied(values)
    refuse_if(rules.check_payment_term(values))
    with one_change(values):
        term = PaymentTerm.objects.create(organisation=organisation, **asdict(values))
        record_event(organisation.id, actor, Action.CREATED, kind="payment_term", label=values.name)
    return term


def edit_payment_term(term: PaymentTerm, values: PaymentTermFields, *, actor: str) -> PaymentTerm:
    """Change a payment term, and touch the contacts that have it. Documents keep their due dates."""
    values = rules.tidied(values)
    refuse_if(rules.check_payment_term(values))
    with one_change(values):
        current = PaymentTerm.objects.select_for_update().get(pk=term.pk)
        changed = difference(fields_of(PaymentTermFields, current), values)
        if changed:
            PaymentTerm.objects.filter(pk=term.pk).update(**asdict(values))
            record_event(
                term.organisation_id, actor, Action.EDITED, kind="payment_term", label=values.name, detail=changed
            )
            contacts = Contact.objects.filter(organisation=term.organisation_id, term=current)
            Touch.objects.bulk_create(
                Touch(organisation_id=term.organisation_id, kind="contact", record_id=key)
                for key in contacts.values_list("pk", flat=True)
            )
    term.refresh_from_db()
    return term
