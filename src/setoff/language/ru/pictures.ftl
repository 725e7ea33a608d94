# Рисунки: названия, описания для тех, кто их не видит, единицы осей.
picture-scale-3 = тыс. { $currency }
picture-scale-4 = десятков тыс. { $currency }
picture-scale-6 = млн { $currency }
picture-scale-8 = сотен млн { $currency }
picture-scale-9 = млрд { $currency }
picture-amount = { $amount }
picture-ageing = Задолженность по срокам, { $currency }
picture-ageing-told = Всего { $total }, из них просрочено { $overdue }.
picture-balance = Остаток по дням, { $currency }
picture-balance-told = { $amount } на { $day }; наименьший { $low }, наибольший { $high }.
picture-cash = Ожидаемое движение денег, { $currency }
picture-cash-told = { $amount } после { $day }; наименьший остаток { $low } на { $low_day }.
picture-cash-day = { $day }: поступит { $incoming }, уйдёт { $outgoing }, остаток { $amount }
picture-cash-planned = { ", " }из них по плану: поступит { $incoming }, уйдёт { $outgoing }
