"""Remembered requests, rates, webhooks and their outbox: schema.sql."""

from pathlib import Path

from django.db import migrations

SCHEMA = Path(__file__).parent.parent / "schema.sql"


class Migration(migrations.Migration):
    dependencies = [("settlements", "0004_bases"), ("books", "0002_periods")]
    operations = [migrations.RunSQL(SCHEMA.read_text(encoding="utf-8"))]
