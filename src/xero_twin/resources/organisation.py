"""Organisation: what Xero tells about the company itself. Read-only; lock dates show only when they are
set."""

from typing import Any

from xero_twin import charts, wire
from xero_twin.organisation import Organisation
from xero_twin.resource import Call


def show(org: Organisation) -> dict[str, Any]:
    sales, purchases, _ = charts.DEFAULT_TAX[charts.edition(org.country)]
    return wire.without_nulls(
        {
            "Name": org.name,
            "LegalName": org.name,
            "PaysTax": True,
            "Version": charts.VERSIONS.get(org.country, "GLOBAL"),
            "OrganisationType": "COMPANY",
            "BaseCurrency": org.base_currency,
            "CountryCode": org.country,
            "IsDemoCompany": org.demo,
            "OrganisationStatus": "ACTIVE",
            "FinancialYearEndDay": org.year_ends[1],
            "FinancialYearEndMonth": org.year_ends[0],
            "SalesTaxBasis": "ACCRUALS",
            "SalesTaxPeriod": charts.TAX_PERIODS[charts.edition(org.country)],
            "DefaultSalesTax": _names(org, sales),
            "DefaultPurchasesTax": _names(org, purchases),
            "PeriodLockDate": wire.day(org.period_lock_date),
            "EndOfYearLockDate": wire.day(org.end_of_year_lock_date),
            "CreatedDateUTC": wire.instant_without_offset(org.created),
            "OrganisationEntityType": "COMPANY",
            "Timezone": org.timezone,
            "ShortCode": org.short_code,
            "OrganisationID": org.tenant_id,
            "Edition": "BUSINESS",
            "Class": "DEMO" if org.demo else "COMPREHENSIVE",
            "Addresses": [],
            "Phones": [],
            "ExternalLinks": [],
            "PaymentTerms": org.payment_terms,
        }
    )


def _names(org: Organisation, tax_type: str) -> str | None:
    rate = org.tax_rates.get(tax_type)
    return None if rate is None else rate.name


def read(call: Call) -> list[dict[str, Any]]:
    """The one organisation of the call."""
    return [show(call.org)]


# GET /Organisation/Actions: the names that Xero's own example lists; what the twin cannot do is not allowed
_ALLOWED = (
    "CreateApprovedInvoice",
    "CreateDraftPurchaseOrder",
    "CreateApprovedBill",
    "AttachFilesIntoInvoice",
    "UseMulticurrency",
    "CreateDraftInvoice",
    "CreateInvoicePayment",
    "CreateApprovedPurchaseOrder",
    "CreateDraftBill",
)
_NOT_ALLOWED = (
    "CreateRepeatingInvoice",
    "CreateRepeatingBill",
    "CreateSentQuote",
    "CreateDraftQuote",
)
# GET /Organisation/{id}/CISSettings: no organisation of the twin is in the UK's construction scheme
CIS = {"CISContractorEnabled": False, "CISSubContractorEnabled": False}


def actions(_call: Call) -> list[dict[str, Any]]:
    allowed = [{"Name": name, "Status": "ALLOWED"} for name in _ALLOWED]
    return allowed + [{"Name": name, "Status": "NOT-ALLOWED"} for name in _NOT_ALLOWED]
