"""The principal of a loan is settled in the order in which it is due (keys.py). Keys that have settled something keep the order by which
they did, which stands with what was settled."""

from __future__ import annotations

from django.db import migrations

ORDER_SQL = """
  update fold_key set allocation_order = 'due_date'
  where relation in ('loan_received', 'loan_granted') and allocation_order = 'moment'
    and not exists (select from allocation where allocation.key_id = fold_key.id)"""


class Migration(migrations.Migration):
    dependencies = [("settlements", "0037_money_counts")]
    operations = [migrations.RunSQL(ORDER_SQL)]
