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
setting-database-url = 存放账簿的 PostgreSQL(15 或更新);未设置时使用数据文件夹中的内置服务器
setting-database-url-form = 连接地址,例如 postgresql://user@host/books
setting-data-dir = 数据文件夹:内置服务器的文件、密钥;未设置时使用系统的用户数据文件夹
setting-data-dir-form = 文件夹
setting-lang = 语言;未设置时按系统区域,否则为英语
setting-lang-form = en、ru 或 zh
setting-secret-key = 会话和表单签名的密钥;未设置时首次使用自动生成并保存在数据文件夹。同一数据库的多台服务器须相同
setting-secret-key-form = 至少 32 个字符
setting-allowed-hosts = 浏览器访问服务器所用的名称
setting-allowed-hosts-form = 不含协议和端口的名称或地址,以逗号分隔;.example.com 也包括其下所有名称
setting-https = 浏览器通过 HTTPS(由代理提供)访问:Cookie 仅经其传送,其他请求转到该处,浏览器记住一年
setting-https-form = yes 或 no
setting-trusted-proxy = 其所报客户端、协议和主机可信的代理(X-Forwarded-For、-Proto、-Host)
setting-trusted-proxy-form = 以逗号分隔的地址或网段,不可为全部;unix 表示 Unix 套接字
setting-upload-mib = 页面请求的最大大小(MiB)
setting-upload-mib-form = 1 至 2048 的整数
setting-statement-seconds = 数据库处理页面一次请求的最长秒数
setting-statement-seconds-form = 1 至 3600 的整数
setting-lock-seconds = 一个请求等待另一个完成的最长秒数
setting-lock-seconds-form = 1 至 600 的整数
setting-disk-mib = 数据文件夹剩余空间低于此值时服务器不就绪(MiB)
setting-disk-mib-form = 1 至 1000000 的整数
setting-log-format = 日志行的格式
setting-log-format-form = json 或 text
setting-log-level = 记录哪些级别
setting-log-level-form = debug、info、warning 或 error
setting-metrics-token = 谁可以读取 /metrics(Authorization: Bearer ...);未设置时无人可读
setting-metrics-token-form = 至少 16 个字符
