# Акт зачёта взаимных требований и заявление о зачёте на бумаге.
setoff-paper-act = { $parties ->
    [2] Акт зачёта взаимных требований
    [3] Акт трёхстороннего зачёта взаимных требований
   *[other] Акт многостороннего зачёта взаимных требований
  }
setoff-paper-notice = Заявление о зачёте встречных однородных требований
setoff-paper-number = № { $number }
setoff-paper-place = Место составления: ____________________
setoff-paper-draft = Проект: в учёте не проведён
setoff-paper-identity = { $name } (ИНН { $tax })
setoff-paper-identity-kpp = { $name } (ИНН { $tax }, КПП { $kpp })
setoff-paper-to = Кому: { $identity }
setoff-paper-from = От кого: { $identity }
setoff-paper-side = Сторона { $place }
setoff-paper-by-blank = в лице _________________________, действующего на основании ____________________
setoff-paper-by = представитель – { $signatory }, действующий на основании ____________________
setoff-paper-named = { $position } { $name }
setoff-paper-party = { $identity }, далее «{ $called }», { $by },
setoff-paper-last-party = и { $identity }, далее «{ $called }», { $by },
setoff-paper-intro = составили настоящий акт о нижеследующем.
setoff-paper-notice-intro-ru = Настоящим { $ours } на основании статьи 410 Гражданского кодекса Российской Федерации заявляет о зачёте следующих встречных однородных требований к { $theirs }.
setoff-paper-notice-intro-cn = Настоящим { $ours } на основании статьи 568 Гражданского кодекса КНР заявляет о зачёте следующих встречных однородных требований к { $theirs }.
setoff-paper-notice-intro-intl = Настоящим { $ours } заявляет о зачёте следующих встречных однородных требований к { $theirs }.
setoff-paper-debt = Задолженность { $debtor } перед { $creditor }, { $currency }:
setoff-paper-debt-contract = Задолженность { $debtor } перед { $creditor } по договору { $contract } от { $day }, { $currency }:
setoff-paper-debt-contract-undated = Задолженность { $debtor } перед { $creditor } по договору { $contract }, { $currency }:
setoff-paper-theirs = Задолженность { $debtor } перед { $creditor } в сумме { $amount }, возникшая на основании: ______________________________ (договор, документ и сумму НДС указывают эти стороны).
setoff-paper-column-contract = Договор
setoff-paper-column-document = Документ
setoff-paper-column-date = Дата
setoff-paper-column-due = Срок оплаты
setoff-paper-column-debt = Задолженность
setoff-paper-column-set-off = К зачёту
setoff-paper-column-vat = в т. ч. НДС
setoff-paper-column-value = К зачёту, { $currency }
setoff-paper-column-left = Остаток
setoff-paper-total = Итого
setoff-paper-contract = { $contract } от { $day }
setoff-paper-incoming = { $document } (вх. { $incoming })
setoff-paper-advance = { $document }, аванс
setoff-paper-no-vat = без НДС
setoff-paper-sum = { $parties ->
    [2] Стороны зачитывают указанные встречные однородные требования на сумму { $amount } ({ $words }).
   *[other] Стороны прекращают зачётом указанные взаимные требования, каждая на сумму { $amount } ({ $words }).
  }
setoff-paper-sum-notice = К зачёту заявляется сумма { $amount } ({ $words }) по требованиям каждой стороны.
setoff-paper-vat = В том числе НДС по долгу { $debtor } перед { $creditor }: { $parts }.
setoff-paper-vat-rate = по ставке { $rate } % – { $amount } ({ $words })
setoff-paper-vat-none = без НДС – { $amount }
setoff-paper-vat-untold = НДС в документе не указан – { $amount }
setoff-paper-written-off = Разница { $amount } в расчётах не участвует и списывается.
setoff-paper-rest = После зачёта по указанным документам:
setoff-paper-left = Задолженность { $debtor } перед { $creditor } составляет { $amount } ({ $words }).
setoff-paper-nothing-left = Задолженность { $debtor } перед { $creditor } в { $currency } погашена полностью.
setoff-paper-effect-ru-capable = Обязательства прекращаются с { $day } – дня, когда они стали способными к зачёту (статья 410 Гражданского кодекса Российской Федерации; пункт 15 постановления Пленума Верховного Суда РФ от 11.06.2020 № 6).
setoff-paper-effect-agreed = Обязательства прекращаются со дня настоящего акта, { $day }.
setoff-paper-effect-cn-receipt = Обязательства прекращаются со дня получения настоящего заявления, { $day } (статья 568 Гражданского кодекса КНР; 法释〔2023〕13号, статья 55).
setoff-paper-effect-cn-receipt-unknown = Обязательства прекращаются со дня получения настоящего заявления адресатом (статья 568 Гражданского кодекса КНР; 法释〔2023〕13号, статья 55).
setoff-paper-effect-intl-notice = Обязательства прекращаются со дня настоящего заявления, { $day } (Принципы УНИДРУА, статья 8.5).
setoff-paper-reason = Основание: { $reason }.
setoff-paper-linked = К акту относятся документы:
setoff-paper-copies = Акт составлен в { $count ->
    [2] двух экземплярах
    [3] трёх экземплярах
    [4] четырёх экземплярах
    [5] пяти экземплярах
   *[other] экземплярах по числу сторон ({ $count })
  }, имеющих равную силу, по одному для каждой стороны.
setoff-paper-notice-copies = Заявление составлено в { $count ->
    [2] двух экземплярах: один направляется адресату
   *[other] { $count } экз.: по одному направляется каждому адресату
  }, один остаётся у заявителя.
setoff-paper-for-side = { $called }: { $name }
setoff-paper-blank-position = Должность
setoff-paper-blank-signature = Подпись
setoff-paper-blank-name = Ф. И. О.
setoff-paper-seal = М. П.
setoff-paper-receipt = Заявление получено: { $name }
setoff-paper-receipt-date = Дата
setoff-paper-receipt-signature = Должность, подпись, Ф. И. О.
setoff-paper-linked-document = { $what } № { $number }
setoff-paper-linked-dated = { $document } от { $day }
setoff-paper-linked-amount = { $document }, { $amount }
setoff-paper-sum-own = Указанные взаимные требования прекращаются зачётом. Долги { $ours } и требования { $ours } зачитываются каждые на сумму { $amount } ({ $words }); каждая другая сторона освобождается от долгов ровно на сумму уступленных требований.
setoff-paper-value = По долгу { $debtor } перед { $creditor } сумма { $amount } принимается к зачёту как { $value } по курсу на { $day }.
