"""Which version's policies stand in the database: access/protection.py."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("access", "0001_initial")]
    operations = [migrations.RunSQL("create table protection (digest text not null)")]
