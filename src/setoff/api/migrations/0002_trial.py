"""A trial message for one webhook: trial.sql."""

from pathlib import Path

from django.db import migrations

TRIAL = Path(__file__).parent.parent / "trial.sql"


class Migration(migrations.Migration):
    dependencies = [("api", "0001_initial")]
    operations = [migrations.RunSQL(TRIAL.read_text(encoding="utf-8"))]
