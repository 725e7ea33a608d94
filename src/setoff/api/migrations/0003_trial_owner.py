"""A trial message only for who keeps the webhook: trial_owner.sql."""

from pathlib import Path

from django.db import migrations

TRIAL_OWNER = Path(__file__).parent.parent / "trial_owner.sql"


class Migration(migrations.Migration):
    dependencies = [("api", "0002_trial")]
    operations = [migrations.RunSQL(TRIAL_OWNER.read_text(encoding="utf-8"))]
