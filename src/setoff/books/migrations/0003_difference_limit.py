"""What a set-off of the unit may leave between its sides and write off (spec 7.5)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("books", "0002_periods")]
    operations = [
        migrations.AddField("unit", "difference_limit_minor", models.BigIntegerField(db_default=0)),
        migrations.AddConstraint(
            "unit",
            models.CheckConstraint(condition=models.Q(("difference_limit_minor__gte", 0)), name="unit_difference_limit"),
        ),
    ]
