"""VAT by advance is read a page at a time: vat_by_advance.sql."""

from pathlib import Path

from django.db import migrations

BY_ADVANCE = Path(__file__).parent.parent / "vat_by_advance.sql"


class Migration(migrations.Migration):
    dependencies = [("settlements", "0039_differing")]
    operations = [migrations.RunSQL(BY_ADVANCE.read_text(encoding="utf-8"))]
