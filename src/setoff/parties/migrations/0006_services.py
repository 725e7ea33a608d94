"""Price lists, service accounts and operations (spec 5)."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("books", "0004_vat_on_advances"),
        ("parties", "0005_terms"),
    ]

    operations = [
        migrations.CreateModel(
            name="PriceList",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.TextField()),
                ("valid_from", models.DateField()),
                ("name", models.TextField()),
                ("currency", models.TextField()),
                ("terms", models.JSONField()),
                ("organization", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="books.organization")),
            ],
            options={
                "db_table": "price_list",
                "constraints": [
                    models.UniqueConstraint(fields=("code", "valid_from"), name="price_list_version"),
                    models.CheckConstraint(condition=models.Q(("currency__regex", "^[A-Z]{3}$")), name="price_list_currency"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ServiceAccount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.TextField()),
                ("price_list", models.TextField()),
                ("opened", models.DateField()),
                ("closed", models.DateField(null=True)),
                ("title", models.TextField(blank=True)),
                ("quantity", models.TextField()),
                ("tariffs", models.JSONField()),
                ("contract", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="parties.contract")),
                ("unit", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="books.unit")),
            ],
            options={
                "db_table": "service_account",
                "indexes": [models.Index(fields=["unit", "price_list", "code"], name="service_account_served")],
                "constraints": [
                    models.UniqueConstraint(fields=("code",), name="service_account_code"),
                    models.CheckConstraint(
                        condition=models.Q(("closed__isnull", True), ("opened__lte", models.F("closed")), _connector="OR"),
                        name="service_account_open",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ServiceOperation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.TextField()),
                ("date", models.DateField()),
                ("title", models.TextField(blank=True)),
                ("content", models.JSONField()),
                ("accounts", django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ("unit", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="books.unit")),
            ],
            options={
                "db_table": "service_operation",
                "indexes": [models.Index(fields=["unit", "date"], name="service_operation_by_date")],
                "constraints": [models.UniqueConstraint(fields=("code",), name="service_operation_code")],
            },
        ),
    ]
