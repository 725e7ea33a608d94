# The payment calendar and working days.

report-payment-calendar = 收付款日历
report-expected-actual = 预计与实际收付
column-expected-on = 预计日期
column-source = 来源
column-bank-account = 银行账户
column-probability = 概率，%
column-incoming = 收入
column-outgoing = 支出
column-day = 日期
column-expected-in = 预计收入
column-actual-in = 实际收入
column-difference-in = 收入差异
column-expected-out = 预计支出
column-actual-out = 实际支出
column-difference-out = 支出差异
cash-source-debt = 债务
cash-source-stage = 订单付款阶段
cash-source-bill = 付款通知单
note-bank-account = 银行账户 { $account }，{ $currency }
option-bank-account = 银行账户
audit-verb-set-calendar-day = 修改日历中的日期
audit-verb-set-work-calendar = 设置组织日历
workdays-saved = 日历已修改。
workdays-same = 日历原已如此。
menu-payment-calendar = 收付款日历
today-calendar = 收付款日历：含订单、付款通知单与现有资金
