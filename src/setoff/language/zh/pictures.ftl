# 图：标题、供读屏使用的说明、坐标单位。
picture-scale-3 = 千 { $currency }
picture-scale-4 = 万 { $currency }
picture-scale-6 = 百万 { $currency }
picture-scale-8 = 亿 { $currency }
picture-scale-9 = 十亿 { $currency }
picture-amount = { $amount }
picture-ageing = 欠款账龄（{ $currency }）
picture-ageing-told = 合计 { $total }，其中逾期 { $overdue }。
picture-balance = 余额走势（{ $currency }）
picture-balance-told = { $day } 余额 { $amount }；最低 { $low }，最高 { $high }。
picture-cash = 预计现金收支（{ $currency }）
picture-cash-told = { $day } 后余额 { $amount }；最低 { $low }（{ $low_day }）。
picture-cash-day = { $day }：收入 { $incoming }，支出 { $outgoing }，余额 { $amount }
picture-cash-planned = { "，" }其中计划收入 { $incoming }，计划支出 { $outgoing }
