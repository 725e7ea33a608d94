-- Amounts of documents in their order within unit, kind and currency, and the few documents that are not posted: for their list.

drop index document_by_total;
create index document_by_amount on document (unit_id, kind, currency, total, id);
create index document_not_posted on document (unit_id, moment) where status <> 'posted';
