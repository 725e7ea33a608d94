"""The time zone in which a person is told instants; empty: that of the settings."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("access", "0005_verbs")]
    operations = [migrations.AddField("user", "time_zone", models.TextField(default="", db_default=""))]
