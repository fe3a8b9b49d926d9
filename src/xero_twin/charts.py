"""What a new organisation starts with: the chart of accounts and the tax rates of its country.

In: a country code. Out: fresh Account and TaxRate records without ids or times. The chart has the codes of
Xero's default chart; names and the choice of rarer accounts are ours. Tax rates, with what they can be
applied to, are Xero's per edition.
"""

from decimal import Decimal

from xero_twin.records import Account, TaxComponent, TaxRate

# code, name, type, tax side (S sales, P purchases, N none, X exempt), system account
_CHART: tuple[tuple[str, str, str, str, str | None], ...] = (
    ("200", "Sales", "REVENUE", "S", None),
    ("260", "Other Revenue", "REVENUE", "S", None),
    ("270", "Interest Income", "REVENUE", "N", None),
    ("300", "Purchases", "DIRECTCOSTS", "P", None),
    ("310", "Cost of Goods Sold", "DIRECTCOSTS", "P", None),
    ("400", "Advertising", "EXPENSE", "P", None),
    ("404", "Bank Fees", "EXPENSE", "N", None),
    ("408", "Cleaning", "EXPENSE", "P", None),
    ("412", "Consulting & Accounting", "EXPENSE", "P", None),
    ("416", "Depreciation", "DEPRECIATN", "N", None),
    ("420", "Entertainment", "EXPENSE", "P", None),
    ("425", "Freight & Courier", "EXPENSE", "P", None),
    ("429", "General Expenses", "EXPENSE", "P", None),
    ("433", "Insurance", "EXPENSE", "P", None),
    ("437", "Interest Expense", "EXPENSE", "N", None),
    ("441", "Legal expenses", "EXPENSE", "P", None),
    ("445", "Light, Power, Heating", "EXPENSE", "P", None),
    ("449", "Motor Vehicle Expenses", "EXPENSE", "P", None),
    ("453", "Office Expenses", "EXPENSE", "P", None),
    ("461", "Printing & Stationery", "EXPENSE", "P", None),
    ("469", "Rent", "EXPENSE", "P", None),
    ("473", "Repairs and Maintenance", "EXPENSE", "P", None),
    ("477", "Salaries", "EXPENSE", "N", None),
    ("485", "Subscriptions", "EXPENSE", "P", None),
    ("489", "Telephone & Internet", "EXPENSE", "P", None),
    ("493", "Travel - National", "EXPENSE", "P", None),
    ("497", "Bank Revaluations", "EXPENSE", "N", "BANKCURRENCYGAIN"),
    ("498", "Unrealised Currency Gains", "EXPENSE", "N", "UNREALISEDCURRENCYGAIN"),
    ("499", "Realised Currency Gains", "EXPENSE", "N", "REALISEDCURRENCYGAIN"),
    ("505", "Income Tax Expense", "EXPENSE", "N", None),
    ("610", "Accounts Receivable", "CURRENT", "N", "DEBTORS"),
    ("620", "Prepayments", "CURRENT", "N", None),
    ("630", "Inventory", "INVENTORY", "N", None),
    ("640", "Stock on Hand", "CURRENT", "N", None),
    ("710", "Office Equipment", "FIXED", "P", None),
    ("711", "Less Accumulated Depreciation on Office Equipment", "FIXED", "N", None),
    ("800", "Accounts Payable", "CURRLIAB", "N", "CREDITORS"),
    ("801", "Unpaid Expense Claims", "CURRLIAB", "N", "UNPAIDEXPCLM"),
    ("803", "Wages Payable", "CURRLIAB", "N", None),
    ("805", "Accruals", "CURRLIAB", "N", None),
    ("820", "GST", "CURRLIAB", "N", "GST"),
    ("825", "Employee Tax Payable", "CURRLIAB", "N", None),
    ("830", "Income Tax Payable", "CURRLIAB", "N", None),
    ("835", "Customer Deposits", "CURRLIAB", "N", None),
    ("840", "Historical Adjustment", "CURRLIAB", "N", "HISTORICAL"),
    ("850", "Suspense", "CURRLIAB", "N", None),
    ("860", "Rounding", "CURRLIAB", "N", "ROUNDING"),
    ("877", "Tracking Transfers", "CURRLIAB", "N", "TRACKINGTRANSFERS"),
    ("880", "Owner A Drawings", "EQUITY", "N", None),
    ("900", "Loan", "TERMLIAB", "N", None),
    ("960", "Retained Earnings", "EQUITY", "N", "RETAINEDEARNINGS"),
    ("970", "Owner A Funds Introduced", "EQUITY", "N", None),
)

# country -> (sales, purchases, none)
DEFAULT_TAX = {
    "NZ": ("OUTPUT2", "INPUT2", "NONE"),
    "AU": ("OUTPUT", "INPUT", "BASEXCLUDED"),
    "GB": ("OUTPUT2", "INPUT2", "NONE"),
    "US": ("OUTPUT", "INPUT", "NONE"),
}

_SALES, _COSTS, _ALL, _LIABILITIES = "AQLR", "AQEL", "AQELR", "L"

# tax type, name, rate in per cent, applies to, system
_RATES: dict[str, tuple[tuple[str, str, str, str, bool], ...]] = {
    "AU": (
        ("OUTPUT", "GST on Income", "10", _SALES, False),
        ("INPUT", "GST on Expenses", "10", _COSTS, False),
        ("CAPEXINPUT", "GST on Capital", "10", _COSTS, False),
        ("EXEMPTOUTPUT", "GST Free Income", "0", _SALES, False),
        ("EXEMPTEXPENSES", "GST Free Expenses", "0", _COSTS, True),
        ("EXEMPTCAPITAL", "GST Free Capital", "0", _COSTS, False),
        ("EXEMPTEXPORT", "GST Free Exports", "0", _SALES, False),
        ("INPUTTAXED", "Input Taxed", "0", _ALL, False),
        ("BASEXCLUDED", "BAS Excluded", "0", _ALL, False),
        ("GSTONIMPORTS", "GST on Imports", "0", _LIABILITIES, True),
        ("GSTONCAPIMPORTS", "GST on Capital Imports", "0", _LIABILITIES, True),
    ),
    "NZ": (
        ("OUTPUT2", "15% GST on Income", "15", _SALES, False),
        ("INPUT2", "15% GST on Expenses", "15", _COSTS, False),
        ("ZERORATED", "Zero Rated", "0", "LR", False),
        ("NONE", "No GST", "0", _ALL, True),
        ("GSTONIMPORTS", "GST on Imports", "0", _LIABILITIES, True),
    ),
    "GB": (
        ("OUTPUT2", "20% (VAT on Income)", "20", _SALES, False),
        ("INPUT2", "20% (VAT on Expenses)", "20", _COSTS, False),
        ("RROUTPUT", "5% (VAT on Income)", "5", _SALES, False),
        ("RRINPUT", "5% (VAT on Expenses)", "5", _COSTS, False),
        ("ZERORATEDOUTPUT", "Zero Rated Income", "0", _SALES, False),
        ("ZERORATEDINPUT", "Zero Rated Expenses", "0", _COSTS, False),
        ("EXEMPTOUTPUT", "Exempt Income", "0", _SALES, False),
        ("EXEMPTINPUT", "Exempt Expenses", "0", _COSTS, False),
        ("ECZROUTPUT", "Zero Rated EC Goods Income", "0", _SALES, False),
        ("ECZROUTPUTSERVICES", "Zero Rated EC Services", "0", _SALES, False),
        ("ECZRACQUISITIONS", "EC Acquisitions (Zero Rated)", "0", _COSTS, False),
        ("DRCHARGE20", "Domestic Reverse Charge @ 20% (VAT on Expenses)", "20", _SALES, False),
        ("DRCHARGE5", "Domestic Reverse Charge @ 5% (VAT on Expenses)", "5", _SALES, False),
        ("DRCHARGESUPPLY20", "Domestic Reverse Charge @ 20% (VAT on Income)", "20", _COSTS, False),
        ("DRCHARGESUPPLY5", "Domestic Reverse Charge @ 5% (VAT on Income)", "5", _COSTS, False),
        ("CAPEXINPUT2", "20% (VAT on Capital Purchases)", "20", "A", True),
        ("CAPEXOUTPUT2", "20% (VAT on Capital Sales)", "20", "A", True),
        ("NONE", "No VAT", "0", _ALL, True),
        ("GSTONIMPORTS", "VAT on Imports", "0", _LIABILITIES, True),
    ),
    "US": (
        ("OUTPUT", "Tax on Sales", "0", _ALL, False),
        ("INPUT", "Tax on Purchases", "0", _ALL, False),
        ("NONE", "Tax Exempt", "0", _ALL, True),
        ("GSTONIMPORTS", "Sales Tax on Imports", "0", _LIABILITIES, True),
    ),
}

# the two old rates that a New Zealand organisation still lists as deleted
_DELETED_NZ = (("OUTPUT", "12.5% GST on Income", _SALES), ("INPUT", "12.5% GST on Expenses", _COSTS))

CLASS_OF_TYPE = {
    "BANK": "ASSET",
    "CURRENT": "ASSET",
    "FIXED": "ASSET",
    "INVENTORY": "ASSET",
    "NONCURRENT": "ASSET",
    "PREPAYMENT": "ASSET",
    "EQUITY": "EQUITY",
    "DEPRECIATN": "EXPENSE",
    "DIRECTCOSTS": "EXPENSE",
    "EXPENSE": "EXPENSE",
    "OVERHEADS": "EXPENSE",
    "CURRLIAB": "LIABILITY",
    "LIABILITY": "LIABILITY",
    "TERMLIAB": "LIABILITY",
    "PAYG": "LIABILITY",
    "OTHERINCOME": "REVENUE",
    "REVENUE": "REVENUE",
    "SALES": "REVENUE",
}

LETTER_OF_CLASS = {"ASSET": "A", "EQUITY": "Q", "EXPENSE": "E", "LIABILITY": "L", "REVENUE": "R"}


# how a year ends (month, day), and how often sales tax is returned
YEAR_ENDS = {"NZ": (3, 31), "AU": (6, 30), "GB": (3, 31), "US": (12, 31)}
TAX_PERIODS = {"NZ": "TWOMONTHS", "AU": "QUARTERLY1", "GB": "QUARTERLY", "US": None}
# an edition by the name people give it -> country and currency; Global is for countries without an edition of their own
EDITIONS = {
    "au": ("AU", "AUD"),
    "nz": ("NZ", "NZD"),
    "uk": ("GB", "GBP"),
    "us": ("US", "USD"),
    "global": ("SG", "SGD"),
}
VERSIONS = {"NZ": "NZ", "AU": "AU", "GB": "UK", "UK": "UK", "US": "US"}
# accounts that an edition calls by another name
_NAMES = {
    "GB": {"820": "VAT", "825": "PAYE Payable", "830": "Corporation Tax Payable", "505": "Corporation Tax Expense"},
    "AU": {"825": "PAYG Withholdings Payable", "477": "Wages and Salaries"},
    "NZ": {"825": "PAYE Payable"},
    "US": {"820": "Sales Tax", "477": "Wages and Salaries"},
}


def edition(country: str) -> str:
    """The edition whose taxes a country has; what is none of ours is Xero's global one, like the US."""
    country = {"UK": "GB"}.get(country, country)
    return country if country in _RATES else "US"


def accounts(country: str, base_currency: str) -> list[Account]:
    sales, purchases, none = DEFAULT_TAX[edition(country)]
    tax_of_side = {"S": sales, "P": purchases, "N": none}
    chart = [
        Account(
            code=code,
            name=_NAMES[edition(country)].get(code, name),
            type=kind,
            tax_type=tax_of_side[side],
            system_account=system,
            enable_payments=code == "835",
        )
        for code, name, kind, side, system in _CHART
    ]
    banks = (("090", "Business Bank Account", "01-0001-0000001-00"), ("091", "Savings Account", "01-0001-0000001-01"))
    return [
        Account(
            code=code,
            name=name,
            type="BANK",
            tax_type=none,
            bank_account_number=number,
            bank_account_type="BANK",
            currency=base_currency,
        )
        for code, name, number in banks
    ] + chart


def tax_rates(country: str) -> list[TaxRate]:
    found = edition(country)
    rates = [
        TaxRate(
            id=tax_type,
            name=name,
            components=(TaxComponent("Tax", Decimal(rate).quantize(Decimal("0.0001"))),),
            applies_to=applies_to,
            system=system,
            effective=Decimal(rate).quantize(Decimal("0.0001")),
        )
        for tax_type, name, rate, applies_to, system in _RATES[found]
    ]
    if found == "NZ":
        rates += [
            TaxRate(
                id=tax_type,
                name=name,
                components=(TaxComponent("Tax", Decimal("12.5000")),),
                applies_to=applies_to,
                effective=Decimal("12.5000"),
                status="DELETED",
            )
            for tax_type, name, applies_to in _DELETED_NZ
        ]
    return rates
