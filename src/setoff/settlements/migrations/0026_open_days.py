"""Open lots by their day: open_days.sql."""

from pathlib import Path

from django.db import migrations

DAYS = Path(__file__).parent.parent / "open_days.sql"


class Migration(migrations.Migration):
    dependencies = [("settlements", "0025_written")]
    operations = [migrations.RunSQL(DAYS.read_text(encoding="utf-8"))]
