# 期间与封存。

period-unit = 核算单位
period-first-day = 首日
period-last-day = 末日
period-state = 状态
period-rows = 行数
period-author = 操作人
period-seal = 封存值
period-closed = 已结账：{ $unit }，{ $first_day } 至 { $last_day }。
period-sealed = 已封存：{ $unit }，{ $first_day } 至 { $last_day }。
period-reopened = 已反结账：{ $unit }，{ $first_day } 至 { $last_day }。
verify-passed = 全部与结账时一致：{ $periods } 个期间，{ $rows } 行。
verify-head = { $unit } 截至 { $date } 的封存值：{ $seal }
verify-failed = 与结账时有 { $count } 处不同。
verify-altered = 已改动：{ $date } { $kind } { $number } 的 { $relation } { $row }（{ $unit }，期间截至 { $period }）
verify-missing = 已缺失：{ $date } { $kind } { $number } 的 { $relation } { $row }（{ $unit }，期间截至 { $period }）
verify-added = 新增：{ $date } { $kind } { $number } 的 { $relation } { $row }（{ $unit }，期间截至 { $period }）
verify-link-altered = 已改动：封存链第 { $row } 环（{ $unit }，期间截至 { $period }）
verify-link-broken = 断链：第 { $row } 环与前一环不衔接（{ $unit }，期间截至 { $period }）
verify-rows-altered = 第 { $row } 环的行哈希已改动（{ $unit }，期间截至 { $period }）
verify-link-missing = 缺失审计记录中已有的一环：{ $row }（{ $unit }，期间截至 { $period }）
verify-state-differs = 期间状态与最新封存不符：{ $row }（{ $unit }，期间截至 { $period }）
verify-audit-altered = 已改动：审计记录 { $row }，{ $date } { $kind }（{ $unit }，期间截至 { $period }）
verify-audit-missing = 已缺失：审计记录 { $row }（{ $unit }，期间截至 { $period }）
verify-audit-added = 新增：审计记录 { $row }，{ $kind }，自称日期 { $date }（{ $unit }，期间截至 { $period }）
verify-audit-link = 第 { $row } 环的审计记录哈希已改动（{ $unit }，期间截至 { $period }）
kind-period = 期间
