"""What a unit decided of what law and practice leave open, switch by switch."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("books", "0007_branches")]
    operations = [migrations.AddField("unit", "policies", models.JSONField(db_default={}))]
