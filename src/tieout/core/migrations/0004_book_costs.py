from django.db import migrations, models

TITLE = "The cost of shipped goods is booked by itself"


class Migration(migrations.Migration):
    """Companies that are there already go on as before; new ones have their costs booked by themselves."""

    dependencies = [("core", "0003_default_terms")]

    operations = [
        migrations.AddField("organisation", "book_costs", models.BooleanField(default=False, help_text=TITLE)),
        migrations.AlterField("organisation", "book_costs", models.BooleanField(default=True, help_text=TITLE)),
    ]
