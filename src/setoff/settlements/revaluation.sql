-- Revaluations: a row of `allocation` under rule 9 uses nothing of its lot and releases what the lot's value fell by (less than nothing where
-- it rose), so that what is left of a lot is what was not used, in both currencies, with revaluations and without. Postings of a kind of
-- their own.

alter table posting drop constraint posting_kind_check,
  add constraint posting_kind_check check (kind in ('entry', 'storno', 'offset', 'fx', 'vat', 'revaluation'));

alter table allocation drop constraint allocation_rule_check, drop constraint allocation_amount_check, drop constraint allocation_lot_book_check,
  add constraint allocation_rule_check check (rule between 1 and 9),
  add constraint allocation_amount_check check (case when rule = 9 then amount = 0 and own_book = 0 else amount > 0 end),
  add constraint allocation_lot_book_check check (rule = 9 and lot_book <> 0 or lot_book >= 0 and rule < 9);

create index allocation_revalued on allocation (unit_id, document_id) where rule = 9;   -- what a revaluation did

-- Interest of a loan received is what we owe, as its principal is (trade/terms.py, WE_OWE_BY_NATURE).
create or replace function debt_sign(relation text) returns int language sql immutable parallel safe as $$
  select case when relation in ('supplier', 'other_supplier', 'packaging_received', 'loan_received', 'loan_interest') then -1 else 1 end
$$;
