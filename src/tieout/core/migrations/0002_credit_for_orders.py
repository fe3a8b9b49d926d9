from django.db import migrations, models

ON_CHANGE = "on_change"
DATINGS = [
    (ON_CHANGE, "The day of the change"),
    ("on_shipment", "The day the goods left where that is open, else the day of the change"),
    ("first_open_day", "The day the goods left where that is open, else the first open day"),
]
TITLE = "Credit taken for an order is used by itself"


class Migration(migrations.Migration):
    """Companies that are there already go on using credit by hand; new ones have it used by itself."""

    dependencies = [("core", "0001_initial")]

    operations = [
        migrations.AddField(
            "deposit",
            "order_number",
            models.CharField(blank=True, max_length=100, help_text="The quote or order that it was taken for"),
        ),
        migrations.AddField("organisation", "use_credit_by_order", models.BooleanField(default=False, help_text=TITLE)),
        migrations.AlterField("organisation", "use_credit_by_order", models.BooleanField(default=True, help_text=TITLE)),
        migrations.AddField(
            "organisation",
            "cost_dating",
            models.CharField(max_length=20, choices=DATINGS, default=ON_CHANGE),
        ),
    ]
