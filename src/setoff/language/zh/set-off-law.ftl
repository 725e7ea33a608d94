# 抵销的法律提示（setoffs/warnings.py），每条注明法条。

set-off-warning-term-not-come-ru = 对方债务尚未到期：{ $documents }。单方抵销要求己方债权已到期（俄罗斯民法典第410条）；双方协议可以包括（最高法院全体会议2020年第6号决议第21点）。
set-off-warning-term-not-come-cn = 对方债务尚未到期：{ $documents }。通知抵销只能针对对方的到期债务（民法典第568条）；协商一致可以抵销其他债务（第569条）。
set-off-warning-term-not-come-intl = 对方债务尚未到期：{ $documents }。对方的债务须已到期（国际商事合同通则第8.1条）。
set-off-warning-limitation-ru = 对方债务可能已过诉讼时效：{ $documents }。对方提出时效抗辩的，不得抵销（俄罗斯民法典第411条、第196条）。
set-off-warning-limitation-cn = 对方债务可能已过诉讼时效：{ $documents }（民法典第188条）；对方可以提出抗辩。
set-off-warning-limitation-intl = 对方债务可能已过时效：{ $documents }。对方主张之前仍可抵销（国际商事合同通则第10.2条、第10.10条）。
set-off-warning-several-ru = 涉及多方：这是全体参与方的合同，须全体签署（俄罗斯民法典第421条）；第410条只适用于双方。
set-off-warning-several-cn = 涉及多方：须全体协商一致（民法典第569条）。
set-off-warning-several-intl = 涉及多方：须全体同意；抵销规则只适用于双方（国际商事合同通则第8.1条）。
set-off-warning-one-sided-ru = 单方通知只能消灭双方之间的债务（俄罗斯民法典第410条）：多方须有全体的协议书。
set-off-warning-one-sided-cn = 单方通知只能消灭双方之间的债务（民法典第568条）：多方须有全体的协议。
set-off-warning-one-sided-intl = 单方通知只能消灭双方之间的债务（国际商事合同通则第8.1条）：多方须有全体的协议。
set-off-warning-other-kind-ru = 债务币种不同：只能协议抵销（俄罗斯民法典第410条要求同种类）。
set-off-warning-other-kind-cn = 债务币种不同：只能协议抵销（民法典第569条）。
set-off-warning-other-kind-intl = 债务币种不同：两种货币须可自由兑换，且未约定只能以特定货币支付（国际商事合同通则第8.2条）。
set-off-warning-advance-ru = 抵销包含预收款：{ $documents }。其增值税只有在合同解除或变更时才能抵扣（俄罗斯税法典第171条第5款），否则待定。
set-off-warning-advance-paid-ru = 抵销包含预付款：{ $documents }。已就其抵扣的增值税应予恢复（俄罗斯税法典第170条第3款）。
set-off-warning-insolvency-ru = { $documents }。自观察程序起，违反清偿顺序的抵销不被允许（第127-FZ号法律第63条、第142条）。
set-off-warning-challenge-ru = { $documents }。此前六个月内的抵销可能因偏袒个别债权人而被撤销（第127-FZ号法律第61.3条）。
set-off-warning-insolvency-cn = { $documents }。只能向管理人主张抵销，程序开始后取得的债权不得抵销（企业破产法第40条）。
set-off-warning-challenge-cn = { $documents }。此前六个月内对个别债权人的清偿可能被撤销（企业破产法第32条）。
set-off-warning-insolvency-intl = { $documents }。由国内破产法决定能否抵销。
set-off-warning-challenge-intl = { $documents }。国内法可能撤销破产前不久的抵销。
set-off-warning-party = { $name }自 { $day } 起进入破产程序

# 抵销前的预检 (setoffs/precheck.py)。

set-off-effect-ru-capable = 自 { $day } 起生效，即双方债权具备抵销条件之日（《俄罗斯民法典》第 410 条；俄最高法院全体会议 2020 年第 6 号决议第 15 项）。
set-off-effect-agreed = 自其日期 { $day } 起生效：此为各方协议。
set-off-effect-cn-receipt = 自通知到达时生效（《民法典》第 568 条）：请记录确认收到的日期。
set-off-effect-intl-notice = 自通知之日 { $day } 起生效（《国际商事合同通则》第 8.5 条）。
set-off-paper-unknown = 关联单据 { $name } 不在账簿中。
set-off-paper-other-party = 关联单据 { $name } 属于未参与抵销的单位。
set-off-paper-marked = 关联单据 { $name } 已标记删除。
