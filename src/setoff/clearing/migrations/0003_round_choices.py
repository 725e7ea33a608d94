"""Choices of rounds, and what they do to the certificate: round_choices.sql."""

from pathlib import Path

from django.db import migrations

CHOICES = Path(__file__).parent.parent / "round_choices.sql"


class Migration(migrations.Migration):
    dependencies = [("clearing", "0002_round_results")]
    operations = [migrations.RunSQL(CHOICES.read_text(encoding="utf-8"))]
