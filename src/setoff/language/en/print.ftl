# What stands on every printed page.
print-made = Printed { $day }
print-page = Page { $page } of { $pages }
words-roubles = { $said } RUB { $kopecks }/100{ $whole ->
   *[other] {""}
  }{ $fraction ->
   *[other] {""}
  }
print-signatures = Prepared by ____________________    Checked by ____________________    Approved by ____________________
document-act = Act (PDF)
document-notice = Notice (PDF)
document-print = Print (PDF)
print-pair = { $name }: { $value }
