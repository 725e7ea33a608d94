"""When the derived rows were rebuilt: refolds.sql."""

from pathlib import Path

from django.db import migrations

REFOLDS = Path(__file__).parent.parent / "refolds.sql"


class Migration(migrations.Migration):
    dependencies = [("settlements", "0014_settled_sums")]
    operations = [migrations.RunSQL(REFOLDS.read_text(encoding="utf-8"))]
