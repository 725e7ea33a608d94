"""Rows that imports refused: rejected.sql."""

from pathlib import Path

from django.db import migrations

SCHEMA = Path(__file__).parent.parent / "rejected.sql"


class Migration(migrations.Migration):
    initial = True
    dependencies = [("parties", "0001_initial"), ("access", "0001_initial")]
    operations = [migrations.RunSQL(SCHEMA.read_text(encoding="utf-8"))]
