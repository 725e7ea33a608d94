# setoff demo, setoff demo-data
demo-loading = 正在载入示例集团：{ $documents } 张单据
demo-loaded = 已载入 { $masters } 条基础资料、{ $documents } 张单据，用时 { $seconds } 秒
demo-exists = 数据库中已有单据，未载入任何内容。
demo-nothing = 尚无已过账单据。
demo-title = { $organizations } 家公司共 { $documents } 张单据，截至 { $day }
demo-they-owe = 他们欠我们：{ $all } 个债务人中最大的 { $shown } 个
demo-we-owe = 我们欠他们：{ $all } 个债权人中最大的 { $shown } 个
demo-ageing = { $day } 账龄，预收预付另列
demo-trial-balance = 科目余额表合计，共 { $accounts } 个科目
demo-checks-passed = 全部 { $checks } 项检查通过：总账与往来一分不差。
demo-checks-failed = { $checks } 项检查中有 { $failed } 项发现问题，详见：setoff check
demo-next = 接下来可以输入
demo-written = { $documents } 张单据已写入 { $path }
demo-people = 登录用户：{ $names }；密码均为 { $password }
