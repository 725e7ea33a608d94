# Pictures: titles, what they tell to those who do not see them, scales of axes.
picture-scale-3 = { $currency }, thousands
picture-scale-4 = { $currency }, ten thousands
picture-scale-6 = { $currency }, millions
picture-scale-8 = { $currency }, hundred millions
picture-scale-9 = { $currency }, billions
picture-amount = { $amount }
picture-ageing = Debts by days overdue, { $currency }
picture-ageing-told = In all { $total }, of it overdue { $overdue }.
picture-balance = Balance over time, { $currency }
picture-balance-told = { $amount } on { $day }; lowest { $low }, highest { $high }.
picture-cash = Expected cash, { $currency }
picture-cash-told = { $amount } after { $day }; lowest { $low } on { $low_day }.
picture-cash-day = { $day }: in { $incoming }, out { $outgoing }, balance { $amount }
picture-cash-planned = { ", " }of it planned: in { $incoming }, out { $outgoing }
