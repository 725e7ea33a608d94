"""Terms of loans (spec 2.10)."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("books", "0004_vat_on_advances"),
        ("parties", "0007_folding"),
    ]

    operations = [
        migrations.CreateModel(
            name="Loan",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.TextField()),
                ("terms", models.JSONField()),
                ("contract", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="parties.contract")),
                ("organization", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="books.organization")),
            ],
            options={
                "db_table": "loan",
                "constraints": [
                    models.UniqueConstraint(fields=("code",), name="loan_code"),
                    models.UniqueConstraint(fields=("contract",), name="loan_contract"),
                ],
            },
        ),
    ]
