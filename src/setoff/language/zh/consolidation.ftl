# 总部与分支机构汇总余额表
report-consolidation = 总部与分支机构汇总余额表
column-of-unit = { $unit }
column-sum-of-units = 各单位合计
column-eliminated = 抵销
column-consolidated = 汇总数
note-consolidated-opening = 期初余额：借方为正，贷方为负
note-consolidated-debit = 借方发生额
note-consolidated-credit = 贷方发生额
note-consolidated-closing = 期末余额：借方为正，贷方为负
note-between-units-not-zero = 总分机构往来科目 { $account } 各单位合计不为零，由该科目行下所列单据造成：缺少另一方或双方金额不一致。请补填通知单，或撤销单方入账。
note-unit-settings-differ = 各单位对预收款增值税的处理不一致（{ $units }）：汇总余额表以统一的会计政策为前提。
note-units-left-out = 未汇总的单位：{ $units }。其内部往来的另一方不在本表内。
total-debit-balances = 借方余额合计（{ $currency }）
total-credit-balances = 贷方余额合计（{ $currency }）

# Closing of a year between units
closing-told = { $sender } 与 { $receiver }：结清债权 { $claims }、债务 { $obligations }，保留 { $left }
closing-sent = 等待确认：{ $notice }
closing-nothing = 单位之间没有未结往来。
menu-consolidation = 汇总余额表
year-end-title = 年末结清内部往来
year-end-what = 已完成业务在总分机构往来科目上的余额，双方同时转入以前期间结余。
year-end-year = 年度
year-end-account = 科目（留空：按科目表）
year-end-claims = 结清的债权
year-end-obligations = 结清的债务
year-end-left = 尚待支付，予以保留
year-end-entries = 发出方分录
year-end-again = 重新计算
year-end-draft = 填制通知单
year-end-note = 每张通知单日期为 12 月 31 日；与其他通知单一样发出、由对方确认或撤销；再次填制时按当时的未结数。
year-end-drafted = 已填制：{ $notices }（{ $count }）
