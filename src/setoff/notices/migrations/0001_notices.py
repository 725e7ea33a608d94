"""Inter-branch notices and templates of operations: schema.sql."""

from pathlib import Path

from django.db import migrations

SCHEMA = Path(__file__).parent.parent / "schema.sql"


class Migration(migrations.Migration):
    initial = True
    dependencies = [("settlements", "0024_vat_waiting"), ("access", "0001_initial")]
    operations = [migrations.RunSQL(SCHEMA.read_text(encoding="utf-8"))]
