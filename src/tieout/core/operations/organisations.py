"""Setting an organisation up: the company itself, its lock date, its tax rules and its payment terms."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date

from tieout.core import rules
from tieout.core.fields import OrganisationFields, PaymentTermFields, TaxRuleFields
from tieout.core.models import Organisation, PaymentTerm, TaxRule
from tieout.core.operations.recording import difference, fields_of, one_change, refuse_if
from tieout.people.audit import record_event
from tieout.people.models import Action


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
        locked = Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
        if locked.lock_date != lock_date:
            detail = {"lock_date": [str(locked.lock_date or ""), str(lock_date or "")]}
            Organisation.objects.filter(pk=locked.pk).update(lock_date=lock_date)
            record_event(
                locked.pk, actor, Action.SETTING_CHANGED, kind="organisation", label="Lock date", detail=detail
            )
    organisation.lock_date = lock_date


def create_tax_rule(organisation: Organisation, values: TaxRuleFields, *, actor: str) -> TaxRule:
    values = rules.tidied(values)
    refuse_if(rules.check_tax_rule(values))
    with one_change(values):
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
            TaxRule.objects.filter(pk=rule.pk).update(**asdict(values))
            record_event(rule.organisation_id, actor, Action.EDITED, kind="tax_rule", label=values.name, detail=changed)
    rule.refresh_from_db()
    return rule


def create_payment_term(organisation: Organisation, values: PaymentTermFields, *, actor: str) -> PaymentTerm:
    values = rules.tidied(values)
    refuse_if(rules.check_payment_term(values))
    with one_change(values):
        term = PaymentTerm.objects.create(organisation=organisation, **asdict(values))
        record_event(organisation.id, actor, Action.CREATED, kind="payment_term", label=values.name)
    return term
