"""Billing runs and their charges: schema.sql."""

from pathlib import Path

from django.db import migrations

SCHEMA = Path(__file__).parent.parent / "schema.sql"


class Migration(migrations.Migration):
    initial = True
    dependencies = [("parties", "0006_services"), ("settlements", "0019_notices")]
    operations = [migrations.RunSQL(SCHEMA.read_text(encoding="utf-8"))]
