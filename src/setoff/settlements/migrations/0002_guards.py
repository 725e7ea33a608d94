"""What the database refuses by itself: guards.sql."""

from pathlib import Path

from django.db import migrations

GUARDS = Path(__file__).parent.parent / "guards.sql"


class Migration(migrations.Migration):
    dependencies = [("settlements", "0001_ledger"), ("books", "0002_periods")]
    operations = [migrations.RunSQL(GUARDS.read_text(encoding="utf-8"))]
