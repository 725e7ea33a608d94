-- Debts by age over everybody, as the page of doubtful debts adds them up now: read from the index alone (doubtful_page.py).

create index lot_owed on lot (unit_id, key_id) include (due, rank, residual_book) where residual > 0;
