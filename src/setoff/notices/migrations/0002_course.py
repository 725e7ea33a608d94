"""What waits, what reverses a notice, and notices that come in from files: course.sql."""

from pathlib import Path

from django.db import migrations

COURSE = Path(__file__).parent.parent / "course.sql"


class Migration(migrations.Migration):
    dependencies = [("notices", "0001_notices")]
    operations = [migrations.RunSQL(COURSE.read_text(encoding="utf-8"))]
