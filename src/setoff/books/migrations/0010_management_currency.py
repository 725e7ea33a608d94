"""An organization may name a currency of management accounting beside that of its books."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("books", "0009_address")]
    operations = [
        migrations.AddField("organization", "management_currency", models.TextField(blank=True, db_default="")),
        migrations.AddConstraint(
            "organization",
            models.CheckConstraint(
                condition=models.Q(("management_currency__regex", "^([A-Z]{3})?$")), name="organization_management_currency"
            ),
        ),
    ]
