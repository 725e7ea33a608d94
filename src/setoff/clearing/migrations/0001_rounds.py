"""Rounds of multilateral set-off: rounds.sql."""

from pathlib import Path

from django.db import migrations

SCHEMA = Path(__file__).parent.parent / "rounds.sql"


class Migration(migrations.Migration):
    initial = True
    dependencies = [("settlements", "0012_corrections")]
    operations = [migrations.RunSQL(SCHEMA.read_text(encoding="utf-8"))]
