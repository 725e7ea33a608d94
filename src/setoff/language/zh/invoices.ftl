# 发票：单据、登记簿、账簿、开具。

field-invoice-kind = 发票种类
field-original = 原发票
field-operation-code = 业务代码
field-invoice-difference = 与单据不符的原因
field-received = 收票日期
field-deduct = 抵扣进项税额
grid-bases = 所依据的单据
grid-sums = 按税率的金额（不填：取自单据）
choice-invoice-kind-shipment = 销售（采购）发票
choice-invoice-kind-advance = 预收（预付）款发票
choice-invoice-kind-correction = 调整发票
choice-invoice-kind-corrected = 更正发票
entry-group-invoices = 发票
said-invoice-kind = 发票种类
said-invoice-kind-shipment = 销售（采购）发票
said-invoice-kind-advance = 预收（预付）款发票
said-invoice-kind-correction = 调整发票
said-invoice-kind-corrected = 更正发票
said-bases = 所依据的单据
said-bases-one = 单据 { $number }
said-sums = 按税率的金额
said-sums-one = 税率 { $number }
said-original = 原发票
said-operation-code = 业务代码
said-received = 收票日期
said-deduct = 抵扣进项税额
