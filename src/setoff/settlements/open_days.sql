-- Open lots by the day they fall due, or by that of their original document: a page of open items reads those of its days alone, however many
-- parties there are (open_queries.py).

create index lot_open_due on lot (unit_id, due) include (key_id, document_id, line, residual) where residual <> 0 and due is not null;
create index lot_open_rank on lot (unit_id, rank) include (key_id, document_id, line, residual) where residual <> 0 and due is null;
