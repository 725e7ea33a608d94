# VAT on advances: page and command.

menu-advance-vat = 预收款增值税
vat-waiting = 待处理
vat-nothing-waits = 没有待处理事项。
vat-by-advance = 按预收预付单据
vat-deduct = 抵扣
vat-expense = 计入费用
vat-units = 各核算单位的做法
vat-try = 查看影响
vat-keep = 采用
vat-would-move = { $unit }：{ $count ->
    [0] 无变化
   *[other] 将变动 { $count } 笔分录
 }
vat-set = { $unit }：已采用；变动分录 { $count } 笔。
vat-tried = { $unit }：未保存；将变动分录 { $count } 笔。
vat-policy = { $unit }：预收款增值税：{ $window }；起始日：{ $since }；合同间抵销：{ $set_off }。
vat-from-the-beginning = 自建账起
