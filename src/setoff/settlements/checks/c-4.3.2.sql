-- code: C-4.3.2
-- state: error
-- spec: 3, C-4.3.2; 1.6
-- find: row
-- The accounts of a key are a pair: settlement accounts of one currency class, different where debts and advances have an account
-- each, the same where one account holds both.
select fold_key.unit_id, key_name(fold_key.unit_id, fold_key.id) as key, '' as expected, debt.code || '/' || advance.code as actual,
       null::bigint as difference, null::text as currency, null::bigint as document_id, null::bigint as moment
from fold_key
left join account debt on debt.id = fold_key.debt_account_id
left join account advance on advance.id = fold_key.advance_account_id
where fold_key.contour = 'reg' and (%(unit_id)s::bigint is null or fold_key.unit_id = %(unit_id)s) and %(until)s::bigint is not null
  and (debt.is_settlement and advance.is_settlement and debt.chart = advance.chart and debt.currency_class = advance.currency_class
       and (debt.id = advance.id) = (debt.nature = 'both') and (debt.id = advance.id) = (advance.nature = 'both')) is not true
