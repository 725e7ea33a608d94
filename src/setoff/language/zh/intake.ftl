# 文件导入与导出
rows_differ = 同一单据的各行不一致:字段 { $field } 在本行为“{ $value }”,在第 { $first_row } 行为“{ $expected }”。
    .mend = 请使各行一致,或改用能区分单据的列进行分组。

skipped-no-record = 映射中没有适用的记录
skipped-rounds-to-zero = 金额四舍五入后为零
skipped-join-unused = 没有任何行引用它
import-expected = 应为:{ $expected }
import-row-of = { $file } 第 { $row } 行
import-skipped = 跳过 { $count } 行(文件 { $file },最前的行:{ $rows }):{ $reason }
import-masters = 基础资料:新建 { $created },更改 { $changed },未变 { $unchanged }
import-documents = 单据:新建 { $created },更改 { $changed },未变 { $unchanged }
import-refused = 被拒绝的行:{ $count }
import-nothing-written = 未写入任何数据:请更正这些行,或用 --good-rows 只导入其余各行。
import-would = 试运行:未写入任何数据。
import-tally = { $kind }:单据 { $documents } 张,文件合计 { $exact },导入合计 { $imported }
import-rounding = 有 { $count } 张单据舍入到最小货币单位,差额 { $difference }
import-tax = 其中税额:文件 { $exact },导入 { $imported }
import-reading = 读取中
import-rate = 每秒 { $rate } 行
export-done = 已写入 { $file }:基础资料 { $masters } 条,单据 { $documents } 张
guess-title = 由 setoff import --guess 根据 { $file } 的列提出。请逐行核对。
guess-unused = 未使用的列:{ $columns }
guess-ambiguous-date = 日期也可以按 { $other } 读取:请核对
guess-fill = 请填写
guess-no-date = 没有像日期的列:请填写日期。
guess-no-amount = 没有像金额的列:请填写金额。
