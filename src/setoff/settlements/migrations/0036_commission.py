"""Relations with commission agents and consignors: commission.sql."""

from pathlib import Path

from django.db import migrations

COMMISSION = Path(__file__).parent.parent / "commission.sql"


class Migration(migrations.Migration):
    dependencies = [("settlements", "0035_doubtful")]
    operations = [migrations.RunSQL(COMMISSION.read_text(encoding="utf-8"))]
