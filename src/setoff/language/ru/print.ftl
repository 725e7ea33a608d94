# Что стоит на каждой напечатанной странице.
print-made = Напечатано { $day }
print-page = Стр. { $page } из { $pages }
words-roubles = { $said } { $whole ->
    [one] рубль
    [few] рубля
   *[many] рублей
  } { $kopecks } { $fraction ->
    [one] копейка
    [few] копейки
   *[many] копеек
  }
print-signatures = Составил ____________________    Проверил ____________________    Утвердил ____________________
document-act = Акт (PDF)
document-notice = Заявление о зачёте (PDF)
document-print = Печать (PDF)
print-pair = { $name }: { $value }
