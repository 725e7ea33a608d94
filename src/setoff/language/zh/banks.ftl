# 银行：对账单、流水、付款。
statement_unknown_format = { $file } 不是 Setoff 认识的银行对账单。
    .mend = 请从银行取 CAMT.052、.053 或 .054（XML）、MT940 或 1CClientBankExchange 格式。
statement_unreadable = 对账单 { $file } 在 { $place } 处无法读取：{ $reason }。
    .mend = 请从银行重新取得文件，不要修改。
statement_field_missing = 对账单 { $file } 在 { $place } 处缺少 { $field }。
    .mend = 请从银行重新取得整个期间的文件。
statement_value_invalid = 对账单 { $file } 在 { $place } 处的 { $field } 值无效：“{ $value }”。
    .mend = 请从银行重新取得文件，不要修改。

finding-balance-missing = 账户 { $account } 的对账单没有同时给出期初和期末余额，未核对。
finding-balance-differs = 期初 { $opening } 加发生额 { $lines } 不等于期末 { $closing }，差额 { $difference }。
finding-balance-jumps = 上一段余额为 { $before }，第 { $line } 行的段落从 { $after } 开始。
finding-balance-currency = 余额的币种与账户币种（{ $currency }）不同：{ $balance }。
finding-batch-differs = 第 { $number } 笔的明细合计 { $parts }，总额 { $total }：未拆分。
