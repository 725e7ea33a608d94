from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("parties", "0002_search")]
    operations = [migrations.AddField("counterparty", "bankrupt_since", models.DateField(null=True))]
