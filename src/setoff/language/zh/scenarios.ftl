# 场景:故事结束后账上应有的结果
scenario-holds = 相符    { $file }：{ $title }
scenario-differs = 不符 { $file }：{ $title }
scenario-step = 第 { $step } 步，{ $verb }“{ $subject }”：
scenario-end = 结束时：
scenario-total = 相符的场景：{ $passed }，不符的场景：{ $failed }

scenario-missing = { $place }：应有而没有：{ $expected }
scenario-unexpected = { $place }：不应有而有：{ $found }
scenario-differs-in = { $place }：应为 { $expected }，实为 { $found }
scenario-not_refused = 应以 { $expected } 拒绝，却被接受
scenario-refused = 被拒绝：{ $found }
scenario-refused_otherwise = 应以 { $expected } 拒绝，实际为 { $found }
scenario-unreadable = { $place }：此行无法读取：{ $expected }
scenario-check = 控制检查 { $place } 未通过：应为 { $expected }，实为 { $found }

scenario-section-accounts = 科目余额
scenario-section-balances = 往来余额
scenario-section-lots = 未清项目
scenario-section-allocations = 核销
scenario-section-postings = 分录
scenario-section-states = 单据状态
scenario-section-changes = 变动
scenario-section-refused = 拒绝
scenario-section-notices = 通知单
scenario-section-rounds = 抵销轮次
