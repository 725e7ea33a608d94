"""What is open now, and what the control checks found last: checked.sql."""

from pathlib import Path

from django.db import migrations

CHECKED = Path(__file__).parent.parent / "checked.sql"


class Migration(migrations.Migration):
    dependencies = [("settlements", "0005_audit_chain")]
    operations = [migrations.RunSQL(CHECKED.read_text(encoding="utf-8"))]
