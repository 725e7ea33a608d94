"""The address of an organization, which tax invoices show."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("books", "0008_policies")]
    operations = [migrations.AddField("organization", "address", models.TextField(blank=True, db_default=""))]
