# VAT on advances: page and command.

menu-advance-vat = 预收款增值税
vat-waiting = 待处理
vat-nothing-waits = 没有待处理事项。
vat-by-advance = 按预收预付单据
vat-deduct = 抵扣
vat-expense = 计入费用
vat-units = 各核算单位的做法
vat-off-everywhere = 您的核算单位均未启用预收预付款增值税，因此没有待处理事项。
vat-off-why = 显示“不计提”的核算单位，收到预收款时不计提增值税，支付预付款时也不抵扣：在该单位启用之前一直如此（例如依俄罗斯税法典第 145 条免征增值税的单位没有这项税）。适用简易征税制度且税率为 5% 或 7% 的单位在合同中填写该税率。
vat-turn-on = 如需启用，请在核算单位中选择何时计提以及从哪一天起，查看影响后采用。
vat-asks-administrator = 由管理员启用：在本页、通过命令 setoff vat set 或通过 API。
vat-no-chart = 您的核算单位都不核算预收预付款增值税：只有俄罗斯会计科目表（企业和预算单位）有这项税。
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
