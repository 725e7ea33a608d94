"""Bank accounts, statements, lines, rules: schema.sql."""

from pathlib import Path

from django.db import migrations

SCHEMA = Path(__file__).parent.parent / "schema.sql"


class Migration(migrations.Migration):
    initial = True
    dependencies = [("settlements", "0004_bases")]
    operations = [migrations.RunSQL(SCHEMA.read_text(encoding="utf-8"))]
