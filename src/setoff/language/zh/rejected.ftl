# 导入时被拒绝的行

command-rejected = 导入时被拒绝的行：查看、重新导入、撤下。
kind-rejected-row = 被拒绝的行
import-waiting = 待处理的被拒绝行：{ $count }。查看：“setoff rejected list”。
rejected-title = 导入时被拒绝的行
rejected-what = 导入时被拒绝且尚未处理的行。以后的导入带来同一记录时，该行自动离开。
rejected-none = 没有被拒绝的行。
rejected-more = 另有行数：{ $count }
rejected-state = 状态
rejected-state-open = 待处理
rejected-state-handled = 后来已接受
rejected-state-dropped = 已撤下
rejected-content = 原始行
rejected-by = { $instant } 被拒绝，导入人：{ $person }
rejected-dropped-by = { $person } 于 { $instant } 撤下：{ $reason }
rejected-handled-by = { $instant } 由文件 { $file } 接受，导入人：{ $person }
rejected-retried-by = { $person } 于 { $instant } 重新导入
rejected-consent = 接受超出限额的单据；关闭未结清的合同
rejected-retry = 重新导入
rejected-because = 为何不需要
rejected-drop = 撤下
rejected-accepted = { $file } 第 { $row } 行：已接受。
rejected-dropped = { $file } 第 { $row } 行：已撤下。
today-rejected = 导入时被拒绝的行
audit-verb-drop-rejected = 撤下被拒绝的导入行
audit-verb-retry-rejected = 重新导入被拒绝的行
