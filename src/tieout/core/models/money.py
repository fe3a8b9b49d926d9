"""Money that moves: payments and refunds, deposits and their uses, bank entries of their own.

In: nothing. Out: tables. Always: none of them is edited once booked save bank entries; it is voided and entered anew.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tieout.core.models.catalogue import Contact, Product
from tieout.core.models.company import RATE, ZERO_MONEY, Record, TaxRule
from tieout.core.models.documents import Document


class Booked(models.TextChoices):
    """The two states of what has no draft: money that moved."""

    AUTHORISED = "AUTHORISED", "Authorised"
    VOIDED = "VOIDED", "Voided"


class DepositKind(models.TextChoices):
    CUSTOMER_CREDIT = "customer_credit", "Customer credit"
    SUPPLIER_DEPOSIT = "supplier_deposit", "Supplier deposit"


class Deposit(Record):
    """Money that a customer has in hand with us, or we with a supplier. `amount` and what is left are in `currency`.

    `document` is what it was taken for: the order or invoice of a prepayment, the invoice that was overpaid, the credit
    note that was turned into it. `order_number` names a quote or order that Core does not hold. `payment` is the
    payment that it was split from.
    """

    Status = Booked

    class Origin(models.TextChoices):
        PREPAYMENT = "prepayment", "Prepayment"
        OVERPAYMENT = "overpayment", "Overpayment"
        STORE_CREDIT = "store_credit", "Store credit"
        CREDIT_NOTE = "credit_note", "Credit note"

    kind = models.CharField(max_length=30, choices=DepositKind.choices)
    number = models.CharField(max_length=100)
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="deposits")
    document = models.ForeignKey(Document, null=True, blank=True, on_delete=models.PROTECT, related_name="deposits")
    payment = models.ForeignKey(
        "core.Settlement", null=True, blank=True, on_delete=models.PROTECT, related_name="deposits", editable=False
    )
    order_number = models.CharField(max_length=100, blank=True, help_text="The quote or order that it was taken for")
    origin = models.CharField(max_length=20, choices=Origin.choices, default=Origin.PREPAYMENT)
    account = models.CharField(max_length=10, blank=True, help_text="Code of the bank or payment account")
    date = models.DateField()
    amount = models.DecimalField(max_digits=16, decimal_places=2)
    currency = models.CharField(max_length=3)
    rate = models.DecimalField(**RATE)
    reference = models.CharField(max_length=150, blank=True)
    status = models.CharField(max_length=20, choices=Booked.choices, default=Booked.AUTHORISED)

    class Meta:
        ordering = ["-date", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "kind", "number"], name="deposit_number_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="deposit_amount_positive"),
        ]

    def __str__(self) -> str:
        return self.number


class Settlement(Record):
    """A payment of an invoice or bill, or a refund of a credit note or deposit, in that document's currency."""

    Status = Booked

    class Kind(models.TextChoices):
        PAYMENT = "payment", "Payment"
        REFUND = "refund", "Refund"

    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.PAYMENT)
    document = models.ForeignKey(Document, null=True, blank=True, on_delete=models.PROTECT, related_name="settlements")
    deposit = models.ForeignKey(Deposit, null=True, blank=True, on_delete=models.PROTECT, related_name="refunds")
    number = models.CharField(max_length=100)
    account = models.CharField(max_length=10, help_text="Code of the bank or payment account")
    date = models.DateField()
    amount = models.DecimalField(max_digits=16, decimal_places=2)
    rate = models.DecimalField(**RATE)
    reference = models.CharField(max_length=150, blank=True)
    status = models.CharField(max_length=20, choices=Booked.choices, default=Booked.AUTHORISED)

    class Meta:
        ordering = ["-date", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "number"], name="settlement_number_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="settlement_amount_positive"),
            models.CheckConstraint(
                condition=Q(document__isnull=False, deposit__isnull=True)
                | Q(document__isnull=True, deposit__isnull=False, kind="refund"),
                name="settlement_of_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Allocation(Record):
    """Credit used: an amount of a credit note or a deposit that counts towards an invoice or bill."""

    Status = Booked

    number = models.CharField(max_length=100)
    credit_note = models.ForeignKey(Document, null=True, blank=True, on_delete=models.PROTECT, related_name="uses")
    deposit = models.ForeignKey(Deposit, null=True, blank=True, on_delete=models.PROTECT, related_name="uses")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="allocations")
    date = models.DateField()
    amount = models.DecimalField(max_digits=16, decimal_places=2)
    status = models.CharField(max_length=20, choices=Booked.choices, default=Booked.AUTHORISED)

    class Meta:
        ordering = ["-date", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "number"], name="allocation_number_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="allocation_amount_positive"),
            models.CheckConstraint(
                condition=Q(credit_note__isnull=False) ^ Q(deposit__isnull=False), name="allocation_of_one_source"
            ),
        ]

    def __str__(self) -> str:
        return self.number


class MoneyTask(Record):
    """Money spent, received or moved between bank accounts, without a document behind it.

    `currency` is that of the bank account; totals are in it. A transfer has `to_account` and no lines.
    """

    Status = Booked

    class Type(models.TextChoices):
        SPEND = "spend", "Spend money"
        RECEIVE = "receive", "Receive money"
        TRANSFER = "transfer", "Transfer between accounts"

    type = models.CharField(max_length=10, choices=Type.choices)
    number = models.CharField(max_length=100)
    account = models.CharField(max_length=10, help_text="Code of the bank account; of a transfer: where it comes from")
    to_account = models.CharField(max_length=10, blank=True, help_text="Of a transfer: where it goes")
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.PROTECT, related_name="money_tasks")
    date = models.DateField()
    currency = models.CharField(max_length=3)
    rate = models.DecimalField(**RATE)
    tax_treatment = models.CharField(
        max_length=10, choices=Document.TaxTreatment.choices, default=Document.TaxTreatment.INCLUSIVE
    )
    reference = models.CharField(max_length=150, blank=True)
    status = models.CharField(max_length=20, choices=Booked.choices, default=Booked.AUTHORISED)
    subtotal = models.DecimalField(**ZERO_MONEY)
    tax = models.DecimalField(**ZERO_MONEY)
    total = models.DecimalField(**ZERO_MONEY)

    class Meta:
        ordering = ["-date", "-number"]
        constraints = [models.UniqueConstraint(fields=["organisation", "number"], name="money_task_number_once")]

    def __str__(self) -> str:
        return self.number


class MoneyTaskLine(models.Model):
    """What money was spent on or received for. `tracking`: texts by what they tell, such as location.

    `tax_rule` is what was entered, `applied_rule` the one that its tax was computed by.
    """

    task = models.ForeignKey(MoneyTask, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveIntegerField()
    product = models.ForeignKey(Product, null=True, blank=True, on_delete=models.PROTECT)
    description = models.CharField(max_length=4000)
    quantity = models.DecimalField(max_digits=15, decimal_places=4)
    unit_price = models.DecimalField(max_digits=16, decimal_places=4)
    account = models.CharField(max_length=10, blank=True)
    tax_rule = models.ForeignKey(TaxRule, null=True, blank=True, on_delete=models.PROTECT)
    applied_rule = models.ForeignKey(TaxRule, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    tracking = models.JSONField(default=dict, blank=True)
    amount = models.DecimalField(**ZERO_MONEY)
    tax = models.DecimalField(**ZERO_MONEY)

    class Meta:
        ordering = ["task", "position"]
        constraints = [models.UniqueConstraint(fields=["task", "position"], name="money_task_line_position_once")]

    def __str__(self) -> str:
        return f"{self.task_id} line {self.position}"
