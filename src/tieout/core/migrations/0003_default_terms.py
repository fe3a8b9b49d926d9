from django.db import migrations, models


class Migration(migrations.Migration):
    """Which terms are Xero's defaults is read at the next sync."""

    dependencies = [("core", "0002_credit_for_orders")]

    operations = [
        migrations.AddField(
            "paymentterm",
            "default_for_sales",
            models.BooleanField(default=False, help_text="Of invoices whose contact has no term"),
        ),
        migrations.AddField(
            "paymentterm",
            "default_for_purchases",
            models.BooleanField(default=False, help_text="Of bills whose contact has no term"),
        ),
    ]
