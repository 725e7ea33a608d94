# 每一打印页上的文字。
print-made = 打印日期：{ $day }
print-page = 第 { $page } 页，共 { $pages } 页
words-roubles = { $said } RUB { $kopecks }/100{ $whole ->
   *[other] {""}
  }{ $fraction ->
   *[other] {""}
  }
print-signatures = 制单：____________________    审核：____________________    批准：____________________
document-act = 抵销协议（PDF）
document-notice = 抵销通知书（PDF）
document-print = 打印（PDF）
print-pair = { $name }：{ $value }
