# 债权债务抵销协议与抵销通知书打印件。
setoff-paper-act = { $parties ->
    [2] 债权债务抵销协议
    [3] 三方债权债务抵销协议
   *[other] 多方债权债务抵销协议
  }
setoff-paper-notice = 债务抵销通知书
setoff-paper-number = 编号：{ $number }
setoff-paper-place = 签订地点：____________________
setoff-paper-draft = 草稿：未过账
setoff-paper-identity = { $name }（税号：{ $tax }）
setoff-paper-identity-kpp = { $name }（税号：{ $tax }，KPP：{ $kpp }）
setoff-paper-to = 致：{ $identity }
setoff-paper-from = 发函单位：{ $identity }
setoff-paper-side = { $place ->
    [1] 甲方
    [2] 乙方
    [3] 丙方
    [4] 丁方
    [5] 戊方
   *[other] 第{ $place }方
  }
setoff-paper-by-blank = 代表：____________________
setoff-paper-by = 代表：{ $signatory }
setoff-paper-named = { $position } { $name }
setoff-paper-party = { $called }：{ $identity }，{ $by }
setoff-paper-last-party = { $called }：{ $identity }，{ $by }
setoff-paper-intro = 各方就相互之间的债权债务抵销事宜，达成如下协议：
setoff-paper-notice-intro-ru = { $ours }根据《俄罗斯联邦民法典》第410条，特此通知贵方，将我方与{ $theirs }之间的下列同种类到期债务予以抵销。
setoff-paper-notice-intro-cn = { $ours }根据《中华人民共和国民法典》第五百六十八条，特此通知贵方，将我方与{ $theirs }之间的下列同种类到期债务予以抵销。
setoff-paper-notice-intro-intl = { $ours }特此通知贵方，将我方与{ $theirs }之间的下列同种类到期债务予以抵销。
setoff-paper-debt = { $debtor }应付{ $creditor }款项（{ $currency }）：
setoff-paper-debt-contract = { $debtor }应付{ $creditor }款项，合同：{ $contract }（{ $day }）（{ $currency }）：
setoff-paper-debt-contract-undated = { $debtor }应付{ $creditor }款项，合同：{ $contract }（{ $currency }）：
setoff-paper-theirs = { $debtor }应付{ $creditor }款项 { $amount }，依据：______________________________（合同、单据及税额由该两方填写）。
setoff-paper-column-contract = 合同
setoff-paper-column-document = 单据
setoff-paper-column-date = 日期
setoff-paper-column-due = 到期日
setoff-paper-column-debt = 欠款金额
setoff-paper-column-set-off = 抵销金额
setoff-paper-column-vat = 其中税额
setoff-paper-column-value = 抵销金额（{ $currency }）
setoff-paper-column-left = 剩余金额
setoff-paper-total = 合计
setoff-paper-contract = { $contract }（{ $day }）
setoff-paper-incoming = { $document }（对方单号 { $incoming }）
setoff-paper-advance = { $document }（预收预付款）
setoff-paper-no-vat = 无税额
setoff-paper-sum = { $parties ->
    [2] 双方同意将上述债务相互抵销，抵销金额为 { $amount }（大写：{ $words }）。
   *[other] 各方同意将上述债务相互抵销，各方抵销金额均为 { $amount }（大写：{ $words }）。
  }
setoff-paper-sum-notice = 双方各自债务的抵销金额为 { $amount }（大写：{ $words }）。
setoff-paper-vat = { $debtor }应付{ $creditor }款项中包含的增值税：{ $parts }。
setoff-paper-vat-rate = 税率 { $rate }%，税额 { $amount }（{ $words }）
setoff-paper-vat-none = 无增值税 { $amount }
setoff-paper-vat-untold = 单据未载明税额 { $amount }
setoff-paper-written-off = 差额 { $amount } 不再结算，予以转销。
setoff-paper-rest = 抵销后，上述单据项下：
setoff-paper-left = { $debtor }尚欠{ $creditor } { $amount }（大写：{ $words }）。
setoff-paper-nothing-left = { $debtor }对{ $creditor }的{ $currency }债务已全部清偿。
setoff-paper-effect-ru-capable = 债务自 { $day }（债权具备抵销条件之日）起消灭（《俄罗斯联邦民法典》第410条；俄罗斯最高法院全体会议2020年6月11日第6号决议第15点）。
setoff-paper-effect-agreed = 债务自本协议签订之日（{ $day }）起消灭。
setoff-paper-effect-cn-receipt = 债务自本通知到达对方之日（{ $day }）起消灭（《中华人民共和国民法典》第五百六十八条；法释〔2023〕13号第五十五条）。
setoff-paper-effect-cn-receipt-unknown = 债务自本通知到达对方之日起消灭（《中华人民共和国民法典》第五百六十八条；法释〔2023〕13号第五十五条）。
setoff-paper-effect-intl-notice = 债务自本通知之日（{ $day }）起消灭（《国际商事合同通则》第8.5条）。
setoff-paper-reason = 依据：{ $reason }。
setoff-paper-linked = 相关单据：
setoff-paper-copies = 本协议一式{ $count ->
    [2] 两
    [3] 三
    [4] 四
    [5] 五
   *[other] { $count }
  }份，各方各执一份，具有同等效力。
setoff-paper-notice-copies = 本通知一式{ $count ->
    [2] 两份，一份送达对方
   *[other] { $count }份，每一对方各一份
  }，一份由发函单位留存。
setoff-paper-for-side = { $called }：{ $name }（盖章）
setoff-paper-blank-position = 职务
setoff-paper-blank-signature = 签字
setoff-paper-blank-name = 姓名
setoff-paper-seal = -
setoff-paper-receipt = { $name }已收到本通知
setoff-paper-receipt-date = 日期
setoff-paper-receipt-signature = 签收人（签字、职务）
setoff-paper-linked-document = { $what } { $number }
setoff-paper-linked-dated = { $document }（{ $day }）
setoff-paper-linked-amount = { $document }，{ $amount }
setoff-paper-sum-own = 上述债权债务以抵销方式消灭。{ $ours }的应付款项与应收款项各抵销 { $amount }（大写：{ $words }）；其他各方所解除的债务均等于其所放弃的债权。
setoff-paper-value = { $debtor }应付{ $creditor }的 { $amount } 按 { $day } 汇率折合 { $value } 计入抵销。
