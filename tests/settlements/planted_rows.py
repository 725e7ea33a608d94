"""Errors to plant in the small ledger (`ledger.py`), by check: statements of a person with SQL, with the triggers off."""

from __future__ import annotations

from datetime import date

from setoff.books.charts import account_id
from tests.settlements import ledger
from tests.settlements.ledger import ADVANCE, BANK, NODE, RECEIVABLE, REG_KEY, REVENUE

NO_CONSTRAINTS = """
  do $$ declare c record; begin
    for c in select conrelid::regclass as relation, conname from pg_constraint
             where contype in ('c', 'f') and connamespace = 'public'::regnamespace loop
      execute format('alter table %s drop constraint %I', c.relation, c.conname);
    end loop;
  end $$"""
LOTS = "update lot set residual = residual + 700, residual_book = residual_book + 700"
OWES_VAT = "update unit set vat_on_advances = 'same_day' where id = 1"
VAT_POSTING = f"""
  insert into posting values (1, 3, 16777216, {ledger.moment_of(3, date(2025, 2, 5), 511)}, 'vat', {account_id("ru", "76.АВ")}, null,
                              {ledger.VAT}, null, {{amount}}, null, '20', 'payment_from_customer/MSK/2025/3/1')"""
"""30.00 are open at the end of 5 February: 5.00 of VAT."""
REJECTED = """
  insert into rejected_row (unit_id, file, file_hash, row_no, form, content, kind, key, code, facts, author, origin)
  select id, 'sales.jsonl', sha256('x'), 12, 'line', '{}', 'document', 'lost', 'unknown_reference',
         '{"field": "counterparty", "value": "NOBODY"}', 'tester', 'import' from unit where code = 'MSK'"""
INVOICE = """
  insert into invoice values (1, 1, 1, 'issued', 'shipment', 'shipment', 'posted', '1', '2025-01-10', '2025-01-10', null, 1, '01', false,
                              false, 12000, 2000, '2025-01-10', null, '')"""
INVOICE_SUM = "insert into invoice_sum values (1, 1, 1, '20', 12000, 2000)"
INVOICE_LINE = "insert into invoice_line values (1, 1, 1, 'sales', '2025-01-10', null, '2025-01-10', 1, 1, 12000, 2000)"
INVOICE_BASE = "insert into invoice_base values (1, 1, 1, 1, 1, true)"
"""Of the sale, document 1, standing for an invoice of its own."""
ORDER = f"""
  insert into plan_stage values (1, 1, 1, '{{variant}}', '2025-01-10', 3000, '');
  insert into plan values (1, 1, 1, 'O', 'customer_order', 1, 'buyer', 1, 1, 'order', 'RUB', 12000, '{{status}}', true, 'O', 5, 100,
                           {ledger.moment_of(1, date(2025, 1, 10), 30)}, true)"""
"""An order of which 30.00 are to be paid first; nothing names it."""
REVALUED = """
  update fold_key set currency = 'EUR';
  insert into version values (1, 4, 4, 1, now(), 'tester', 'post', true, {moment},
    '{{"type":"revaluation","unit":"MSK","date":"{day}","rates":[{{"currency":"EUR","rate":"2"}}]}}', '', '');
  insert into document values (1, 4, 'revaluation', '1', 2025, 'R', '{day}', {moment}, 'posted', false, null, null, 'RUB', 0, 4, 4)
  """
JANUARY, FEBRUARY = ledger.moment_of(4, date(2025, 1, 31), 90), ledger.moment_of(4, date(2025, 2, 28), 90)
IN_JANUARY = REVALUED.format(moment=JANUARY, day="2025-01-31")
"""20.00 of the sale are open and are worth 40.00 at a rate of 2."""
GROWN = "insert into allocation values (1, {key}, {moment}, 4, 1, {lot}, 1, 0, {released}, 0, 9)"
BETWEEN, ADVANCE_PAID = account_id("ru", "79.02"), account_id("ru", "60.02")
SIDE = """
  update document set kind = 'branch_notice' where id = {id};
  update version set content = '{{"type":"branch_notice","unit":"MSK","date":"2025-01-20","notice":"N","other":"SPB","side":"{side}",'
    '"nature":"payment","rows":[{{"debit":"{debit}","credit":"{credit}","amount":"{amount}"}}]}}' where id = {id}"""
"""A document of the ledger as a side of a notice between MSK and SPB."""
SENDER = SIDE.format(id=2, side="sender", debit="79.02", credit="62.01", amount="100.00")
BETWEEN_UNITS = f"update posting set debit_account_id = {BETWEEN} where document_id = 2"
SENT = """
  insert into branch_notice (code, sender_unit_id, receiver_unit_id, number, year, date, operation, nature, amount, currency, claims,
                             obligations, content, status, author, sent_by)
  values ('N1', 2, 1, '1', 2025, '2025-01-20', '', 'obligation', 5000, 'RUB', 5000, 0, '{}', 'sent', 'tester', 'tester')"""
PLANTED = {
    "C-0": [
        "delete from version where id = 3",
        "delete from document where id = 1",
        "delete from fact where version_id = 2",
        "update document set version_id = 1 where id = 2",
        "update document set status = 'unposted', posted_version_id = null where id = 2",
        "insert into fact_target values (1, 3, 2, 1, 1, 0, 100, 1, 0)",
        f"update lot set line = 7 where document_id = 3 and key_id = {REG_KEY}",
        f"delete from lot where document_id = 1 and key_id = {REG_KEY}",
        "update posting set moment = moment + 1 where document_id = 3",
    ],
    "C-1.4": [
        "update node set counterparty_id = 2",
        "update node set reg_key_id = 5",
        "update fold_key set object = 'order:1' where contour = 'mgmt'",
    ],
    "C-3": [
        f"update lot set book = book - 1 where document_id = 3 and key_id = {REG_KEY}",
        "update lot set residual_book = 1 where document_id = 1",
        "update fold_key set currency = 'EUR'; update lot set residual_book = 1 where document_id = 1",
    ],
    "C-3.list": ["insert into fact_target values (1, 3, 1, 1, 1, 0, 2000, 1, 500)"],
    "C-4.1a": ["update lot set residual = 100, closed_moment = 9223372036854775807 where document_id = 1"],
    "C-4.1a.list": [
        "update contract set reg_detail = 'order'; update lot set residual = 100, closed_moment = 9223372036854775807 where document_id = 1"
    ],
    "C-4.1b.list": ["update lot set residual = 100, closed_moment = 9223372036854775807 where document_id = 1"],
    "C-4.2": [
        "update posting set amount = 4999 where document_id = 3 and line = 1",
        "delete from posting where document_id = 2",
        "update lot set book = 11000 where document_id = 1",
        "delete from allocation where document_id = 3",
    ],
    "C-4.2.1": [
        "update posting set debit_node_id = null where document_id = 1 and line = 1",
        f"update posting set debit_node_id = {NODE} where document_id = 2",
    ],
    "C-4.2.2": ["update document set kind = 'other_in' where id = 2"],
    "C-4.2.2.list": [
        """update document set kind = 'other_in' where id = 2;
           update version set content = replace(content, '"amount"', '"purpose":"for goods from VEGA","amount"') where id = 2"""
    ],
    "C-4.2.4": [
        "update document set kind = 'debt_write_off' where id = 3; "
        "update entry set debit_account_id = null, debit_fact = 1 where version_id = 3",
        f"update document set kind = 'debt_write_off' where id = 3; update entry set debit_account_id = {RECEIVABLE} where version_id = 3",
        "update document set kind = 'set_off' where id = 2; update entry set debit_account_id = null, debit_fact = 1 where version_id = 2",
        "update document set kind = 'set_off' where id = 2; update entry set amount = 9999 where version_id = 2",
        "update document set kind = 'debt_transfer' where id = 2; update fact set nature = 6 where version_id = 2",
        "update document set kind = 'debt_transfer' where id = 3; update fact set consume_only = true where version_id = 3",
    ],
    "C-4.2.4.list": [
        "update document set kind = 'debt_write_off' where id = 2",
        """update document set kind = 'debt_write_off' where id = 2; update unit set difference_limit_minor = 9999 where id = 1;
           update version set content = replace(content, '"counterparty"', '"reason":"kopecks","counterparty"') where id = 2""",
        "update document set kind = 'set_off' where id = 2",
    ],
    "C-4.2.3": [
        """update version set content = replace(content, '"counterparty"', '"rows":[{"amount":"60.00"},{"amount":"39.00"}],"counterparty"')
           where id = 2""",
        """update version set content = replace(content, '"counterparty"',
           '"rows":[{"amount":"100.00","settlement_amount":"1.00","rate":"99.98"}],"counterparty"') where id = 2""",
        "update entry set amount = 9999 where version_id = 2",
        "update document set total = 1 where id = 2",
    ],
    "C-4.2.5": [
        "update version set content = replace(content, '120', '130') where id = 1",
        "update version set content_hash = sha256('') where id = 1",
        "update version set moment = moment + 1 where id = 1",
        "update version set posted = false where id = 1",
    ],
    "C-4.2.5a": [
        "update contract set relation = 'supplier'",
        "update contract set organization_id = (select min(id) - 1 from organization); "
        "insert into organization select id - 1, 'ELSE', name, chart, book_currency, tax_id, kpp, language from organization",
        "update document set total = 130 where id = 1",
        "update document set kind = 'sale_return' where id = 1",
        "update document set currency = 'EUR' where id = 1",
        "update document set counterparty_id = null, contract_id = null where id = 2",
        "update document set number = '9' where id = 1",
        "update document set moment = moment + 1 where id = 1",
        """update version set content = replace(content, '"lines":', '"rows":') where id = 1""",
        """update version set content = replace(content, '"contract":"BUYER"', '"contract":"NOBODY"') where id = 1""",
    ],
    "C-4.2.6": [
        "update allocation set moment = (select moment - 5 from document where id = 1) where document_id = 2",
        "update allocation set amount = 12000 where document_id = 2",
        LOTS,
        "update lot set residual_book = residual_book - 1 where document_id = 3",
        "update lot set closed_moment = closed_moment + 1 where document_id = 1",
        "update lot set used_moment = used_moment - 1 where document_id = 1",
    ],
    "C-4.2.7": [
        "update posting set item = 'x' where document_id = 3 and line = 1",
        "update allocation set rule = 5 where document_id = 3",
        "update lot set due = '2025-02-02' where document_id = 3",
        "delete from posting where document_id = 1",
        "insert into posting select unit_id, document_id, 9, moment, kind, debit_account_id, debit_node_id, credit_account_id, "
        "credit_node_id, amount, settlement_amount, vat_rate, item from posting where document_id = 1 and line = 2",
    ],
    "C-4.3.1": [
        "delete from lot where document_id = 3",
        "delete from allocation where document_id = 2",
        "update allocation set amount = 2001 where document_id = 3",
    ],
    "C-4.3.2": [
        f"update fold_key set advance_account_id = {RECEIVABLE} where contour = 'reg'",
        f"update fold_key set advance_account_id = {BANK} where contour = 'reg'",
        "update fold_key set debt_account_id = (select id from account where chart = 'ru' and code = '62.21') where contour = 'reg'",
    ],
    "C-4.3.3": [
        """update document set kind = 'set_off' where id = 2;
           update version set content = replace(content, '"counterparty"', '"rows":[{"amount":"99.00"}],"counterparty"') where id = 2""",
        """update document set kind = 'set_off' where id = 2; update fact set book = -9999 where version_id = 2;
           update version set content = replace(content, '"counterparty"', '"rows":[{"amount":"100.00"}],"counterparty"') where id = 2""",
    ],
    "C-4.3a": [
        "update lot set residual = -residual where document_id = 3",
        f"update posting set credit_account_id = {RECEIVABLE} where credit_account_id = {ADVANCE}",
        f"""update posting set debit_account_id = {ADVANCE}, debit_node_id = {NODE}, credit_account_id = {REVENUE}, credit_node_id = null
            where document_id = 3 and line = 2""",
    ],
    "C-4.3b": ["update lot set residual = 100, closed_moment = 9223372036854775807 where document_id = 1"],
    "C-4.3c": ["update lot set closed_moment = 9223372036854775807 where document_id = 1"],
    "C-4.3c.list": [
        "update contract set allocation = 'manual'; "
        "update lot set residual = 100, closed_moment = 9223372036854775807 where document_id = 1"
    ],
    "C-4.3d": [
        """update lot set moment = (select moment - 9 from document where id = 1) where document_id = 3;
           update fact set nature = 2"""
    ],
    "C-4.4": [
        f"update lot set amount = amount + 1 where document_id = 3 and key_id = {REG_KEY}",
        f"delete from allocation where document_id = 3 and key_id = {REG_KEY}",
        "update fact set mgmt_key_id = null where version_id = 2",
    ],
    "C-4.4.list": ["update fact set mgmt_key_id = null where version_id = 2"],
    "C-4.5.1": [
        f"update document set kind = 'sale_return' where id = 3; update posting set credit_account_id = {RECEIVABLE} where document_id = 3"
    ],
    "C-4.5.3": [
        f"update posting set debit_account_id = {account_id('ru', '76.11')}, debit_node_id = null where document_id = 1 and line = 1",
        "update document set kind = 'packaging_issued', total = 11000 where id = 1",
        "update document set kind = 'packaging_deposit_in' where id = 2; delete from fact where version_id = 2",
    ],
    "C-4.5.3.list": [
        """update version set content = replace(content, '"amount":"120.00"', '"amount":"120.00","name":"pallet"') where id = 1;
           update document set kind = 'packaging_issued' where id = 3;
           update version set content = replace(content, '"counterparty"', '"lines":[{"amount":"9.00","name":"Pallet"}],"counterparty"')
           where id = 3""",
    ],
    "C-4.5.4": ["update document set kind = 'debt_write_off' where id = 3"],
    "C-4.5.4a.list": ["update document set kind = 'manual_entry' where id = 1"],
    "C-NETTING": ["update document set kind = 'netting' where id = 1"],
    "C-BR-1": [BETWEEN_UNITS, f"{SENDER}; {BETWEEN_UNITS}"],
    "C-BR-2": [f"{SENDER}; {BETWEEN_UNITS}"],
    "C-BR-2a": [
        f"{SENDER}; {SIDE.format(id=3, side='receiver', debit='26', credit='79.02', amount='90.00')}",
        f"{SENDER}; {SIDE.format(id=3, side='receiver', debit='2 26 340', credit='2 79.02 000', amount='100.00')}",
    ],
    "C-BR-3.list": [f"{SENDER}; {BETWEEN_UNITS}"],
    "C-BR-4": [
        f"update posting set debit_account_id = {account_id('cn', '1002')} where document_id = 2",
        "insert into account (id, chart, code, nature, is_settlement, currency_class, names) "
        "values (7, 'ru', '99.99', 'both', false, 'book', '{}'); update posting set debit_account_id = 7 where document_id = 2",
        f"update posting set debit_account_id = credit_account_id, credit_account_id = {BANK} where document_id = 2",
    ],
    "C-BR-4.list": [
        f"update document set kind = 'manual_entry' where id = 2; "
        f"update posting set credit_account_id = {ADVANCE_PAID} where document_id = 2"
    ],
    "C-BR-5": [f"{SENT}; insert into period (unit_id, first_day, last_day, state) values (1, '2025-01-01', '2025-01-31', 'closed')"],
    "C-BR-5.list": [SENT],
    "C-DOCUMENTS": [
        "update document_count set total = total + 1 where kind = 'sale'",
        "delete from document_count where kind = 'sale'",
    ],
    "C-OPEN": [
        "update open_day set amount = amount + 1 where side = 'receivable'",
        "update open_party set we_owe = we_owe + 1",
        """delete from open_party; insert into open_party (unit_id, contour, counterparty_id, currency, they_owe, we_owe, since, is_change)
           values (1, 'reg', 1, 'RUB', 0, 0, '2025-01-01', false)""",
        "update open_money set money = money + 1",
        "update open_day set bank_account = 'X'",
        "update money_day set amount = amount + 1",
        "update money_day set bank_account = 'X'",
        "update settled_day set used_plus = used_plus + 1",
        "delete from settled_party",
    ],
    "C-TURNOVER": [
        "update turnover set amount = amount + 1 where month = '2025-02-01'",
        "delete from turnover where month = '2025-01-01'",
        f"insert into turnover values (1, '2025-03-01', {BANK}, {REVENUE}, 1)",
    ],
    "C-INV": [
        "update document set kind = 'issued_invoice' where id = 1",
        INVOICE,
        f"{INVOICE}; {INVOICE_SUM}; {INVOICE_LINE}; update invoice_line set vat = 1999",
        f"{INVOICE}; {INVOICE_SUM}; update document set kind = 'issued_invoice', status = 'draft', posted_version_id = null where id = 1",
    ],
    "C-INV-1.list": [
        f"{INVOICE}; {INVOICE_BASE}; update document set status = 'unposted', posted_version_id = null where id = 1",
        f"{INVOICE}; {INVOICE_BASE}; update document set date = '2025-01-31' where id = 1",
        f"""{INVOICE}; {INVOICE_BASE}; update invoice_base set version_id = 99;
            insert into version select unit_id, 99, document_id, 9, recorded_at, author, action, posted, moment,
              replace(content, '"amount":"120.00"', '"amount":"130.00"'), content_hash, facts_hash from version where id = 1""",
    ],
    "C-INV-1a.list": [
        f"{INVOICE}; {INVOICE_BASE}; update invoice set gross = 120000",
        f"{INVOICE}; {INVOICE_BASE}; update invoice set gross = 120",
    ],
    "C-INV-1b.list": [f"{INVOICE}; update counterparty set tax_id = '770708389'", f"{INVOICE}; update counterparty set tax_id = ''"],
    "C-INV-2.list": [f"{INVOICE}; update entry set vat_rate = '20' where version_id = 1"],
    "C-INV-2a.list": [
        f"""{INVOICE}; insert into invoice select unit_id, 2, 2, direction, kind, family, status, '7-a', date, entered, received,
            counterparty_id, code, is_down, is_deducted, gross, vat, base_day, original_id, difference from invoice;
            update invoice set direction = 'received'; update invoice set number = '007 A' where document_id = 1""",
    ],
    "C-INV-2b.list": [
        "update document set kind = 'issued_invoice', number = case id when 1 then '000001' else '000004' end where id in (1, 2)"
    ],
    "C-INV-2c.list": [f"{INVOICE}; update invoice set entered = '2025-01-16', base_day = '2025-01-10'"],
    "C-INV-3.list": [REJECTED],
    "C-INV-BOOK.list": [
        f"{INVOICE}; {INVOICE_LINE}; update invoice_line set vat = 1999",
        f"""{INVOICE}; {INVOICE_LINE};
            insert into turnover values (1, '2025-03-01', {account_id("ru", "90.03")}, {ledger.VAT}, 7)""",
    ],
    "C-4.5.2": [
        IN_JANUARY,
        f"{IN_JANUARY}; {GROWN.format(key=REG_KEY, moment=JANUARY, lot=1, released=-1999)}; "
        f"{GROWN.format(key=ledger.MGMT_KEY, moment=JANUARY, lot=1, released=-2000)}",
        f"{REVALUED.format(moment=FEBRUARY, day='2025-02-28')}; {GROWN.format(key=REG_KEY, moment=FEBRUARY, lot=3, released=-5)}",
    ],
    "C-4.5.2.list": [
        "update fold_key set currency = 'EUR'; "
        "insert into period (unit_id, first_day, last_day, state) values (1, '2025-01-01', '2025-01-31', 'closed')"
    ],
    "C-ORD.list": [
        ORDER.format(variant="advance", status="processing"),
        ORDER.format(variant="advance", status="shipment"),
        ORDER.format(variant="prepayment", status="shipment"),
    ],
    "C-VAT": [
        OWES_VAT,
        f"{OWES_VAT}; {VAT_POSTING.format(amount=499)}",
        f"{OWES_VAT}; {VAT_POSTING.format(amount=500)}; update posting set item = 'payment_from_customer/MSK/2025/3/2' where kind = 'vat'",
        f"""{OWES_VAT}; {VAT_POSTING.format(amount=500)};
            insert into posting select unit_id, document_id, 90, moment, 'entry', credit_account_id, null, debit_account_id, null, 1, null,
            '', item from posting where kind = 'vat'""",
        f"{OWES_VAT}; {VAT_POSTING.format(amount=500)}; insert into vat_wait values (1, 2, 1, 9223372036854775807, 1)",
    ],
    "C-VAT.list": [
        f"""{OWES_VAT};
            insert into allocation values (1, {REG_KEY}, {ledger.moment_of(2, date(2025, 2, 20), 50)}, 2, 1, 3, 1, 3000, 3000, 3000, 4)"""
    ],
    "I1": [
        "update entry set amount = 11999 where version_id = 1 and line = 1",
        "update fact set book = 12001 where version_id = 1",
        "update entry set debit_fact = 2 where version_id = 1 and line = 1",
        "update fact set reg_key_id = null where version_id = 1",
    ],
    "I3": [
        "update fact set change = 12001 where version_id = 1",
        "update lot set amount = amount - 1 where document_id = 3",
        "update allocation set amount = amount + 1 where document_id = 2",
        "delete from fact where version_id = 3",
    ],
    "I9": [
        "update fact set rank = rank + 1 where version_id = 1",
        "update entry set item = 'x' where version_id = 1 and line = 1",
        "delete from entry where version_id = 1 and line = 2",
        "insert into fact_target values (1, 3, 1, 1, 1, 0, 100, 1, 0)",
        "update version set facts_hash = sha256('x') where id = 1",
    ],
    "I10": [
        """update version set content = replace(content, '"amount":"120.00"', '"amount":"-120.00"') where id = 1""",
        """update version set content = replace(content, '"amount":"120.00"', '"amount":"0.00"') where id = 1""",
    ],
}  # fmt: skip
