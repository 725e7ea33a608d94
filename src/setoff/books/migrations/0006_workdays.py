"""Working days: workdays.sql."""

from pathlib import Path

from django.db import migrations

WORKDAYS = Path(__file__).parent.parent / "workdays.sql"


class Migration(migrations.Migration):
    dependencies = [("books", "0005_rate_nominal")]
    operations = [migrations.RunSQL(WORKDAYS.read_text(encoding="utf-8"))]
