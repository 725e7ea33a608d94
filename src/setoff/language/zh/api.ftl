# API:请求的拒绝原因,以及说明页面。

request_unreadable = 无法读取请求：{ $reason }。
    .mend = 请以 UTF-8 发送一个完整的 JSON 值，内容类型为 application/json。
request_too_large = 请求正文超过 { $limit } 字节。
    .mend = 请分批发送：大量记录请使用 POST /imports。
media_type_unsupported = 此处不接受内容类型“{ $value }”。
    .mend = 请使用以下类型之一：{ $expected }。
method_not_allowed = 此地址不支持方法 { $method }。
    .mend = 可用的方法：{ $allowed }。
route_unknown = 地址 { $value } 不存在。
    .mend = API 的全部地址见 /api/docs。
sign_in_required = 尚未登录，或令牌无效。
    .mend = 请在请求头“Authorization: Bearer 令牌”中提供有效令牌，或先登录。
csrf_failed = 请求不是来自本站页面。
    .mend = 请刷新页面；程序应使用令牌而不是会话。
version_differs = 单据当前版本为 { $actual }，而不是 { $expected }。
    .mend = 请重新读取单据，在其当前内容上修改，并以该版本号提交。
idempotency_key_reused = 幂等键“{ $key }”属于另一个请求：{ $route }。
    .mend = 每个新请求请使用新的键；只有重复完全相同的请求时才使用原来的键。
request_in_progress = 使用幂等键“{ $key }”的第一个请求仍在执行。
    .mend = 请稍候，然后重新发送同一请求。
too_many_requests = 一分钟内的请求超过 { $limit } 次。
    .mend = 请在 { $seconds } 秒后继续，或用一个请求发送多条记录（POST /imports）。
webhook_address_refused = 不向 { $url } 发送消息（{ $reason }）。
    .mend = 请填写公网上不带用户名的 https 地址。若接收方在内网，请管理员设置 SETOFF_WEBHOOK_PRIVATE_ADDRESSES=yes。
internal_error = 服务器发生错误。未作任何更改。
    .mend = 请将请求的时间告知管理员；原因记录在服务器日志中。

api-page-title = Setoff API
api-page-operations = 操作
api-page-description = 机器可读的说明（OpenAPI 3.1）
api-page-codes = 拒绝代码
api-page-code = 代码
api-page-parameters = 参数
api-page-body = 请求正文
api-page-answers = 响应
api-page-schemas = 数据结构
api-page-field = 字段
api-page-form = 形式
api-page-needed = 必填
api-page-status = 状态
api-page-meaning = 含义
api-page-mend = 处理办法

kind-webhook = Webhook
kind-delivery = 推送
kind-user = 用户
setting-webhook-private-addresses = Webhook 是否可以发往内网地址或使用未加密的 HTTP
setting-webhook-private-addresses-form = yes 或 no
setting-webhook-keep-days = 已送达或放弃的 Webhook 消息保留的天数；0 表示永久
setting-webhook-keep-days-form = 0 至 36500 的整数
