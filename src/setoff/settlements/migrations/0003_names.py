"""Names of keys and accounts for people: names.sql."""

from pathlib import Path

from django.db import migrations

NAMES = Path(__file__).parent.parent / "names.sql"


class Migration(migrations.Migration):
    dependencies = [("settlements", "0002_guards")]
    operations = [migrations.RunSQL(NAMES.read_text(encoding="utf-8"))]
