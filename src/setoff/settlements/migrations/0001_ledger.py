"""The ledger's tables: schema.sql."""

from pathlib import Path

from django.db import migrations

SCHEMA = Path(__file__).parent.parent / "schema.sql"


class Migration(migrations.Migration):
    initial = True
    dependencies = [("books", "0001_initial"), ("parties", "0001_initial")]
    operations = [migrations.RunSQL(SCHEMA.read_text(encoding="utf-8"))]
