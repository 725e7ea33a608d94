-- Documents that may have used an advance and leave its VAT to a person, in the total order; of use until what waits is kept (vat_by_advance.sql).

create index document_undecided on document (unit_id, moment) where status = 'posted' and kind in (
  'manual_entry', 'netting', 'opening_customer_debts', 'opening_other_debts', 'other_party_in', 'other_party_out',
  'refund_to_customer', 'set_off');
