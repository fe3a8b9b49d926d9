"""The SQL by which records are read, one text per kind.

In: an organisation's id and an array of ids, in that order, then the kind where a table holds several. Out: columns in
the order in which `core.store` builds its values from them. Always: only AUTHORISED payments, deposits and uses count.
"""

from __future__ import annotations

# What makes a contact or product one that is in use.
IN_USE = {
    "contact": """
           exists (select from core_document d
                    where d.contact_id = core_contact.id and d.status = 'AUTHORISED')
           or exists (select from core_deposit d
                       where d.contact_id = core_contact.id and d.status = 'AUTHORISED')
           or exists (select from core_moneytask t
                       where t.contact_id = core_contact.id and t.status = 'AUTHORISED')""",
    "product": """
           exists (select from core_documentline l join core_document d on d.id = l.document_id
                    where l.product_id = core_product.id and d.status = 'AUTHORISED')
           or exists (select from core_moneytaskline l join core_moneytask t on t.id = l.task_id
                       where l.product_id = core_product.id and t.status = 'AUTHORISED')""",
}

CONTACTS = f"""
    select id, code, name, is_customer, is_supplier, status = 'ACTIVE', first_name, last_name, email, phone, mobile,
           fax, address_line1, address_line2, city, region, postal_code, country, tax_number, currency, sale_account,
           purchase_account, tax_rule_id, {IN_USE["contact"]} as in_use,
           attributes, (select p.method from core_paymentterm p where p.id = term_id),
           (select p.days from core_paymentterm p where p.id = term_id)
      from core_contact where organisation_id = %s and id = any(%s::uuid[])"""  # noqa: S608 - text of this module

PRODUCTS = f"""
    select id, sku, name, description, purchase_description, status <> 'DEPRECATED', status <> 'SET_UP_REQUIRED',
           sale_price, purchase_price, sale_account, purchase_account, sale_tax_rule_id, purchase_tax_rule_id,
           {IN_USE["product"]} as in_use,
           category, brand, family, cost_account, inventory_account, attributes, type = 'STOCK', is_sold,
           is_purchased
      from core_product where organisation_id = %s and id = any(%s::uuid[])"""  # noqa: S608 - text of this module

DOCUMENTS = """
    select d.id, d.attributes, o.kind, o.id, d.number, d.contact_id, c.name, d.channel, d.reference, d.date,
           coalesce(d.due_date, d.date), d.currency, d.rate, d.tax_treatment, d.status, d.subtotal, d.tax, d.total,
           coalesce(o.number, ''), d.shipped_on, d.delivery_date, d.sales_rep, d.location, d.job, d.service,
           d.default_account
      from core_document d
      join core_contact c on c.id = d.contact_id
      left join core_document o on o.id = d.credits_id
     where d.organisation_id = %s and d.id = any(%s::uuid[]) and d.kind = %s"""

LINES = """
    select document_id, description, quantity, unit_price, discount, amount, tax, product_id, account, applied_rule_id,
           is_charge, unit_cost
      from core_documentline where document_id = any(%s::uuid[]) order by document_id, position"""

# Money that moved on documents: paid (or refunded), credited to them, used of them.
_MOVED = """
    select id, sum(paid) as paid, sum(credited) as credited, sum(used) as used from (
        select document_id as id, amount as paid, 0.00 as credited, 0.00 as used
          from core_settlement where document_id = any(ids) and status = 'AUTHORISED'
        union all
        select document_id, 0.00, amount, 0.00
          from core_allocation where document_id = any(ids) and status = 'AUTHORISED'
        union all
        select credit_note_id, 0.00, 0.00, amount
          from core_allocation where credit_note_id = any(ids) and status = 'AUTHORISED'
        union all
        select document_id, 0.00, 0.00, amount
          from core_deposit where document_id = any(ids) and status = 'AUTHORISED' and origin = 'credit_note'
    ) as moved group by id"""

MOVED = f"select m.* from (select %s::uuid[] as ids) as given, lateral ({_MOVED}) as m"  # noqa: S608 - all of it stands here

BALANCES = f"""
    select d.id, d.total - coalesce(m.paid + m.credited + m.used, 0)
      from (select %s::uuid as organisation_id, %s::uuid[] as ids) as given
      join core_document d on d.id = any(ids) and d.organisation_id = given.organisation_id
      left join lateral ({_MOVED.replace("any(ids)", "any(array[d.id])")}) as m on m.id = d.id"""  # noqa: S608 - all of it stands here

SETTLEMENTS = """
    select s.id, s.number, coalesce(d.kind, p.kind), coalesce(d.id, p.id), coalesce(d.number, p.number),
           coalesce(d.total, p.amount), s.account, s.date, s.amount, coalesce(d.currency, p.currency), s.rate,
           s.reference, s.status, c.name, n.kind, n.id
      from core_settlement s
      left join core_document d on d.id = s.document_id
      left join core_deposit p on p.id = s.deposit_id
      left join core_document n on n.id = p.document_id and p.origin = 'credit_note'
      join core_contact c on c.id = coalesce(d.contact_id, p.contact_id)
     where s.organisation_id = %s and s.id = any(%s::uuid[]) and s.kind = %s"""

DEPOSITS = """
    select p.id, p.number, p.contact_id, c.name, p.origin, p.account, p.date, p.amount, p.currency, p.rate, p.reference,
           p.status,
           coalesce((select sum(amount) from core_allocation a
                      where a.deposit_id = p.id and a.status = 'AUTHORISED'), 0.00),
           coalesce((select sum(amount) from core_settlement s
                      where s.deposit_id = p.id and s.status = 'AUTHORISED'), 0.00),
           d.kind, d.id, coalesce(d.number, ''), coalesce(d.channel, ''), p.payment_id
      from core_deposit p
      join core_contact c on c.id = p.contact_id
      left join core_document d on d.id = p.document_id
     where p.organisation_id = %s and p.id = any(%s::uuid[]) and p.kind = %s"""

ALLOCATIONS = """
    select a.id, a.number, coalesce(n.kind, p.kind), coalesce(n.id, p.id), coalesce(n.number, p.number),
           d.kind, d.id, d.number, a.date, a.amount, d.currency, a.status, d.contact_id, c.name, d.channel, o.kind, o.id
      from core_allocation a
      join core_document d on d.id = a.document_id
      join core_contact c on c.id = d.contact_id
      left join core_document n on n.id = a.credit_note_id
      left join core_deposit p on p.id = a.deposit_id
      left join core_document o on o.id = p.document_id and p.origin = 'credit_note'
     where a.organisation_id = %s and a.id = any(%s::uuid[])"""

JOURNALS = """
    select j.id, j.number, j.kind, j.date, j.narration, o.base_currency, j.status,
           d.kind, d.id, coalesce(d.number, ''), coalesce(c.name, ''), coalesce(d.channel, '')
      from core_journal j
      join core_organisation o on o.id = j.organisation_id
      left join core_document d on d.id = j.document_id
      left join core_contact c on c.id = d.contact_id
     where j.organisation_id = %s and j.id = any(%s::uuid[])"""

JOURNAL_LINES = """
    select journal_id, account, role, amount, description, tax_rule_id, tracking
      from core_journalline where journal_id = any(%s::uuid[]) order by journal_id, position"""

MONEY_TASKS = """
    select t.id, t.number, t.type, t.account, t.to_account, t.contact_id, coalesce(c.name, ''), t.date, t.currency,
           t.rate, t.tax_treatment, t.reference, t.status, t.subtotal, t.tax, t.total
      from core_moneytask t left join core_contact c on c.id = t.contact_id
     where t.organisation_id = %s and t.id = any(%s::uuid[])"""

MONEY_TASK_LINES = """
    select task_id, description, quantity, unit_price, 0.00, amount, tax, product_id, account, applied_rule_id, tracking
      from core_moneytaskline where task_id = any(%s::uuid[]) order by task_id, position"""

ATTACHMENTS = """
    select id, target_kind, target_id, file_name, content_type, size, sha256, online, status = 'ATTACHED'
      from core_attachment where organisation_id = %s and id = any(%s::uuid[])"""

ATTACHMENT_BYTES = """
    select c.attachment_id, c.data from core_attachmentcontent c join core_attachment a on a.id = c.attachment_id
     where a.organisation_id = %s and a.id = any(%s::uuid[])"""
