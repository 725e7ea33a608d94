"""For how many units of the currency a rate is: central banks give some for 10, 100 or 10 000."""

from django.db import migrations, models

from setoff.books.models import Numeric


class Migration(migrations.Migration):
    dependencies = [("books", "0004_vat_on_advances")]
    operations = [
        migrations.AddField("rate", "nominal", Numeric(db_default=1)),
        migrations.AddConstraint(
            "rate", models.CheckConstraint(condition=models.Q(("nominal__gt", 0)), name="rate_nominal_positive")
        ),
    ]
