# 单据操作及其改变。

document-changed = { $number }（{ $key }）：完成。
document-tried = { $number }（{ $key }）：试算完成，未保存。
document-unchanged = { $number }（{ $key }）：无变化。
fill-several = 有多个合同符合，未自动选择：{ $contracts }。
refold-done = { $rows ->
    [0] 已重算：所有存储行均正确。
   *[other] 已重算：{ $rows } 行不一致，已重新写入。
}
change-document = 单据
change-date = 日期
change-contour = 核算口径
change-both = 两者
change-what = 内容
change-before = 变更前
change-after = 变更后
change-posting-entry = 借 { $debit } 贷 { $credit }
change-posting-storno = 借 { $debit } 贷 { $credit }，红字
change-posting-offset = 借 { $debit } 贷 { $credit }，预收预付核销
change-posting-fx = 借 { $debit } 贷 { $credit }，汇兑损益
change-posting-vat = 借 { $debit } 贷 { $credit }，预收预付款增值税
change-posting-revaluation = 借 { $debit } 贷 { $credit }，汇率重估
change-allocation = 核销 { $kind } { $number }（{ $date }）
change-lot = { $side ->
    [they] 未清：对方欠我方
   *[we] 未清：我方欠对方
}
