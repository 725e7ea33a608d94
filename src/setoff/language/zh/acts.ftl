# 对账单打印件与 setoff act 命令。
act-title = 往来对账函
act-number = 编号：{ $number }
act-period = 对账期间：{ $first } 至 { $last }
act-as-of = 对账截止日：{ $last }
act-between =
    致：{ $counterparty }（税号：{ $counterparty_tax }）
    发函单位：{ $organization }（税号：{ $organization_tax }）
act-contract = 合同：{ $contract }（{ $day }）
act-contract-undated = 合同：{ $contract }
act-intro = 为保证双方账目准确，现将我公司与贵公司的往来账项列示如下。下列数据出自我公司账簿记录，请与贵公司账簿核对。如与贵公司记录相符，请在下端“数据核对无误”处勾选并签章；如有不符，请列明不符项目及金额。本函仅为核对账目之用，并非催款结算。
act-side = { $name }账面记录（{ $currency }）
act-owed = 按{ $side }账面记录，截至 { $day }，{ $debtor }应付{ $creditor } { $amount }（大写：{ $words }）。
act-nothing = 按{ $side }账面记录，截至 { $day }，双方往来余额为零。
act-differences = 差异明细
act-differs = { $name }：{ $mark }，{ $amount }
act-opening-differs = { $name }：{ $amount }
act-slip =
    □ 数据核对无误。
    □ 数据不符，我公司账面余额为：____________________ ，不符原因：________________________________________
act-for = { $name }（盖章）
act-blanks =
    经办人
    联系电话
    日期
act-seal = -
act-state-draft = 草稿
act-state-sent = 已发送
act-state-agreed = 已确认
act-state-disputed = 有异议
act-changed = 对账单 { $act } 编制后账簿已变更：
act-change = { $name }：原 { $before }，现 { $after }
act-change-opening = 期初余额：原 { $before }，现 { $after }
act-unchanged = 对账单编制后账簿未变更。
act-told = 对账单 { $number }：{ $organization } 与 { $counterparty }，{ $last }，{ $state }；我方余额 { $ours }
act-told-theirs = 对方余额 { $theirs }，差异 { $difference }
act-signed = { $signed_by } 于 { $signed_on } 签署。
act-none = 没有对账单。
act-touched = 注意：账簿与已确认的对账单不再一致：{ $number }（{ $counterparty }，{ $last }）。

# 页面上的对账单
menu-acts = 往来对账
act-new = 新建对账单
act-create = 编制
act-all = 全部
act-ours = 我方余额
act-changed-since = 账簿已变更
act-before = 对账单
act-now = 现账簿
act-put-theirs = 对方数据
act-file = CSV 或电子表格：日期、单据、借方、贷方
act-compare = 核对
act-fill-ours = 重新填列我方数据
act-signed-by = 对方签署人
act-signed-on = 签署日期
act-theirs-read = 已读取 { $count } 行（{ $file }）。
act-balances-differ = 双方余额相差 { $difference }：我方账面 { $ours }，对方账面 { $theirs }。
act-agreed-differing = 对账单仍已确认。
act-agree-differing = 余额相差 { $difference }，仍然确认

# 附对账单的邮件
letter-act-subject = 往来对账单 { $number }（截至 { $last }）：{ $organization } 与 { $counterparty }
letter-greeting = 尊敬的合作伙伴：
letter-act = 随信附上 { $organization } 与 { $counterparty } 截至 { $last } 的往来对账单。
letter-report = 随信附上：{ $what }，{ $organization } 与 { $counterparty }，截至 { $last }。
letter-report-subject = { $what }（截至 { $last }）：{ $organization } 与 { $counterparty }
letter-document = 随信附上：{ $what }。
letter-document-subject = { $what }：{ $organization }
letter-sent = 已发送邮件至 { $to }：{ $file }
letter-kept = 未设置邮件服务器（SETOFF_SMTP_URL）：发往 { $to } 的邮件（附件 { $file }）已存为文件，供管理员处理
letter-answer = 请与贵方账目核对，签章后寄回；如有差异，请告知我方。
letter-from = 此致，{ $organization }
act-send = 邮件发送
act-send-to = 电子邮箱
act-send-note = 附言
act-send-language = 语言
act-send-partner = 对方语言
act-show-internal = 显示往来单位内部的抵销与结转
act-with-internal = 含往来单位内部的抵销与结转
