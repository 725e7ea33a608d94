"""Counterparties are found by the beginnings of words by index, under row-level security too: words.sql."""

from pathlib import Path

from django.db import migrations

WORDS = Path(__file__).parent.parent / "words.sql"


class Migration(migrations.Migration):
    dependencies = [("parties", "0011_commission")]
    operations = [migrations.RunSQL(WORDS.read_text(encoding="utf-8"))]
