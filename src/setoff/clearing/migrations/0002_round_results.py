"""What a round clears for a party is kept as a hash: round_results.sql."""

from pathlib import Path

from django.db import migrations

RESULTS = Path(__file__).parent.parent / "round_results.sql"


class Migration(migrations.Migration):
    dependencies = [("clearing", "0001_rounds")]
    operations = [migrations.RunSQL(RESULTS.read_text(encoding="utf-8"))]
