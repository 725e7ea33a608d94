"""Parties and contracts are found by words: search.sql."""

from pathlib import Path

from django.db import migrations

SEARCH = Path(__file__).parent.parent / "search.sql"


class Migration(migrations.Migration):
    dependencies = [("parties", "0001_initial")]
    operations = [migrations.RunSQL(SEARCH.read_text(encoding="utf-8"))]
