"""Facts of one contour and exchange differences are found by index: differing.sql."""

from pathlib import Path

from django.db import migrations

DIFFERING = Path(__file__).parent.parent / "differing.sql"


class Migration(migrations.Migration):
    dependencies = [("settlements", "0038_principal_due")]
    operations = [migrations.RunSQL(DIFFERING.read_text(encoding="utf-8"))]
