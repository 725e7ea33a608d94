-- Sums of the VAT of advances are told by the index of its postings alone. Documents that wait are kept (vat_waits.sql): the index of those
-- that may wait is of no use any more.

drop index posting_of_vat;
create index posting_of_vat on posting (unit_id, moment) include (debit_account_id, credit_account_id, amount) where kind = 'vat';
drop index document_undecided;
