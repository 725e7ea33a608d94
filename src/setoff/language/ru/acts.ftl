# Акт сверки на бумаге и команда setoff act.
act-title = Акт сверки взаимных расчётов
act-number = № { $number }
act-period = за период с { $first } по { $last }
act-as-of = по состоянию на { $last }
act-between =
    между { $organization }, ИНН { $organization_tax },
    и { $counterparty }, ИНН { $counterparty_tax }
act-contract = по договору № { $contract } от { $day }
act-contract-undated = по договору № { $contract }
act-intro = Мы, нижеподписавшиеся, составили настоящий акт о том, что по данным бухгалтерского учёта состояние взаимных расчётов следующее:
act-side = По данным { $name }, { $currency }
act-owed = По данным { $side } на { $day } задолженность { $debtor } в пользу { $creditor } составляет { $amount } ({ $words }).
act-nothing = По данным { $side } на { $day } задолженность отсутствует.
act-differences = Расхождения
act-differs = { $name }: { $mark }, { $amount }
act-opening-differs = { $name }: { $amount }
act-slip = -
act-for = От { $name }
act-blanks =
    Должность
    Подпись
    Ф. И. О.
    Дата
act-seal = М. П.
act-state-draft = черновик
act-state-sent = отправлен
act-state-agreed = согласован
act-state-disputed = с разногласиями
act-changed = Учёт изменился после составления акта { $act }:
act-change = { $name }: было { $before }, стало { $after }
act-change-opening = начальное сальдо: было { $before }, стало { $after }
act-unchanged = Учёт с составления акта не изменился.
act-told = Акт { $number }: { $organization } и { $counterparty }, { $last }, { $state }; по нашим данным { $ours }
act-told-theirs = по данным контрагента { $theirs }, расхождение { $difference }
act-signed = Подписал { $signed_by }, { $signed_on }.
act-none = Актов нет.
act-touched = Внимание: учёт больше не совпадает с согласованным актом сверки { $number } ({ $counterparty }, { $last }).

# Акты на страницах
menu-acts = Акты сверки
act-new = Новый акт сверки
act-create = Составить
act-all = Все
act-ours = По нашим данным
act-changed-since = учёт изменился
act-before = В акте
act-now = Сейчас
act-put-theirs = Данные контрагента
act-file = Файл CSV или таблица: дата, документ, дебет, кредит
act-compare = Сверить
act-fill-ours = Заполнить нашу сторону заново
act-signed-by = Кто подписал со стороны контрагента
act-signed-on = Дата подписания
act-theirs-read = Прочитано строк: { $count } ({ $file }).
act-balances-differ = Остатки расходятся на { $difference }: по нашим данным { $ours }, по их данным { $theirs }.
act-agreed-differing = Акт всё же согласован.
act-agree-differing = Согласовать, хотя остатки расходятся на { $difference }

# Письма с актом
letter-act-subject = Акт сверки № { $number } на { $last }: { $organization } и { $counterparty }
letter-greeting = Здравствуйте!
letter-act = Направляем акт сверки взаимных расчётов между { $organization } и { $counterparty } по состоянию на { $last }.
letter-report = Направляем: { $what }, { $organization } и { $counterparty }, по состоянию на { $last }.
letter-report-subject = { $what } на { $last }: { $organization } и { $counterparty }
letter-document = Направляем документ: { $what }.
letter-document-subject = { $what }: { $organization }
letter-sent = Отправлено по почте на { $to }: { $file }
letter-kept = Почтовый сервер не задан (SETOFF_SMTP_URL): письмо на { $to } с { $file } сохранено файлом для администратора
letter-answer = Просим сверить его с вашим учётом и вернуть подписанный экземпляр или сообщить о расхождениях.
letter-from = С уважением, { $organization }
act-send = Отправить по почте
act-send-to = Адреса эл. почты
act-send-note = Сопроводительный текст
act-send-language = Язык
act-send-partner = язык контрагента
act-show-internal = Показать взаимозачёты и переносы внутри контрагента
act-with-internal = с взаимозачётами и переносами внутри контрагента
