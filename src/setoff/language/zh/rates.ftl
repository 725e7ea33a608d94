# 汇率与重估：页面。

menu-rates = 汇率与重估
rates-table = 汇率表
rates-owed-in = 欠款币种
rates-revaluation = 重估
rates-by-rates = 所用汇率
rates-typed = 手工录入
rates-old = { $currency }：汇率表中最新汇率为 { $date }
rates-not-revalued = 未重估
rates-closed-without = 已结账，未重估
rates-revalue = 重估
rates-revalue-month = 重估本月
rates-type = 该日手工汇率，如 EUR=71.20 JPY=61.23/100：
rates-example = EUR=71.20
rates-post = 过账重估
rates-nothing-moves = 截至该日的各月均已按汇率表重估。
rates-documents-move = 分录有变动的单据：{ $count }。
rates-shown-first = 仅显示前 { $shown } 张单据。
rates-nothing-owed = 没有外币债权债务。
rates-note = 重估某月时，其之前未结账的月份一并重估，各按当月最后一日的汇率。汇率表中没有的汇率可手工录入：EUR=71.20，或每百单位 JPY=61.23/100；该汇率随该月保留。
rates-take-file = 汇率文件
rates-files = 俄罗斯银行、欧洲中央银行、中国人民银行的 XML 或 CSV
rates-try = 显示变动
rates-take = 导入
rates-choose-again = 如需导入，请重新选择文件。
rates-closing = 外币债权债务尚未重估：{ $days }。可以就此结账，但之后无法再重估该月。
rates-closing-go = 先重估
