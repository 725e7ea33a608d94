"""Documents of rounds are not undone one by one: round_whole.sql."""

from pathlib import Path

from django.db import migrations

WHOLE = Path(__file__).parent.parent / "round_whole.sql"


class Migration(migrations.Migration):
    dependencies = [("clearing", "0003_round_choices")]
    operations = [migrations.RunSQL(WHOLE.read_text(encoding="utf-8"))]
