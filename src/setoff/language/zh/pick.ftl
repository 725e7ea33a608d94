# 选择器：选项旁边和下方的文字。

pick-nothing = 未找到
pick-found = 找到：
pick-group = 集团，{ $count } 个合作伙伴
pick-open = 未清 { $amount }
pick-due = 到期日 { $day }
kind-picker = 选择器
