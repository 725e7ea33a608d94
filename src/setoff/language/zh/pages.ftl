# 每个页面框架与菜单的文字。

page-setoff = 往来结算
page-language = zh-Hans
page-skip = 跳到正文
page-menu = 菜单
page-choose-language = 语言
page-working-day = 工作日期
page-sign-out = 退出
page-keys = 快捷键
page-close = 关闭
page-refused = 无法执行此操作
page-home = 返回首页
page-reports = 报表
page-filters = 筛选
page-show = 显示
page-print = 打印
page-export = 导出文件
page-table = 表格
page-choose-first = 请先选择其一：
menu-reports = 报表
option-as-of = 截止日期
option-from = 起始日期
option-known-at = 按当时所知
option-contour = 核算口径
