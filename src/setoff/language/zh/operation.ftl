# 运维:备份、服务器及其状态。

backup-folder = 文件夹
backup-writing = 正在备份
backup-reading = 正在读取
backup-restoring = 正在恢复
backup-done = { $made_at } 的备份:{ $file },单据 { $documents } 张,{ $size } 字节。
backup-not-exact = 期间一直有导入在进行:备份是一个一致的状态,但与"截至该时刻所知"的报表不完全相同。
backup-fingerprint = 指纹:{ $fingerprint }
backup-removed = 已删除:{ $file }
backup-whole = 备份完整:由版本 { $version } 于 { $made_at } 制作,{ $tables } 张表,{ $rows } 行。
backup-provable = 可以由它恢复,且已结账的内容与结账时一致:单据 { $documents } 张。
backup-checks-failed = 由它恢复后,有 { $count ->
   *[other] { $count } 项控制检查发现错误
}:{ $codes }
restore-done = 已恢复:单据 { $documents } 张,截至 { $made_at }。
restore-kept = 原数据库保留为 { $database }。
