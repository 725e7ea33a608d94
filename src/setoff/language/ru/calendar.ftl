# The payment calendar and working days.

report-payment-calendar = Платёжный календарь
report-expected-actual = Ожидаемые и фактические платежи
column-expected-on = Ожидается
column-source = Источник
column-bank-account = Банковский счёт
column-probability = Вероятность, %
column-incoming = Поступление
column-outgoing = Выплата
column-day = День
column-expected-in = Ожидалось поступление
column-actual-in = Поступило
column-difference-in = Поступление: разница
column-expected-out = Ожидалась выплата
column-actual-out = Выплачено
column-difference-out = Выплата: разница
cash-source-debt = задолженность
cash-source-stage = этап оплаты заказа
cash-source-bill = счёт на оплату
note-bank-account = Банковский счёт { $account }, { $currency }
option-bank-account = Банковский счёт
audit-verb-set-calendar-day = изменён день календаря
audit-verb-set-work-calendar = задан календарь организации
workdays-saved = Календарь изменён.
workdays-same = В календаре так и было.
menu-payment-calendar = Платёжный календарь
today-calendar = Платёжный календарь: с заказами, счетами и остатком денег
