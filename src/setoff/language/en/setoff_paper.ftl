# The act of set-off and the notice of set-off on paper.
setoff-paper-act = { $parties ->
    [2] Act of set-off
    [3] Act of set-off between three parties
   *[other] Act of multilateral set-off
  }
setoff-paper-notice = Notice of set-off
setoff-paper-number = No. { $number }
setoff-paper-place = Place: ____________________
setoff-paper-draft = Draft: not posted to the books
setoff-paper-identity = { $name } (tax number { $tax })
setoff-paper-identity-kpp = { $name } (tax number { $tax }, KPP { $kpp })
setoff-paper-to = To: { $identity }
setoff-paper-from = From: { $identity }
setoff-paper-side = Party { $place }
setoff-paper-by-blank = represented by _________________________, acting on the basis of ____________________
setoff-paper-by = represented by { $signatory }, acting on the basis of ____________________
setoff-paper-named = { $name }, { $position }
setoff-paper-party = { $identity }, hereinafter "{ $called }", { $by },
setoff-paper-last-party = and { $identity }, hereinafter "{ $called }", { $by },
setoff-paper-intro = have drawn up this act as follows.
setoff-paper-notice-intro-ru = { $ours } hereby gives notice, under article 410 of the Civil Code of the Russian Federation, that it sets off the following mutual claims of the same kind with { $theirs }.
setoff-paper-notice-intro-cn = { $ours } hereby gives notice, under article 568 of the Civil Code of the People's Republic of China, that it sets off the following mutual claims of the same kind with { $theirs }.
setoff-paper-notice-intro-intl = { $ours } hereby gives notice that it sets off the following mutual claims of the same kind with { $theirs }.
setoff-paper-debt = Owed by { $debtor } to { $creditor }, { $currency }:
setoff-paper-debt-contract = Owed by { $debtor } to { $creditor } under contract { $contract } of { $day }, { $currency }:
setoff-paper-debt-contract-undated = Owed by { $debtor } to { $creditor } under contract { $contract }, { $currency }:
setoff-paper-theirs = Owed by { $debtor } to { $creditor }: { $amount }, under: ______________________________ (contract, document and VAT to be stated by these parties).
setoff-paper-column-contract = Contract
setoff-paper-column-document = Document
setoff-paper-column-date = Date
setoff-paper-column-due = Due
setoff-paper-column-debt = Owed
setoff-paper-column-set-off = Set off
setoff-paper-column-vat = incl. VAT
setoff-paper-column-value = Set off, { $currency }
setoff-paper-column-left = Remains
setoff-paper-total = Total
setoff-paper-contract = { $contract } of { $day }
setoff-paper-incoming = { $document } (their { $incoming })
setoff-paper-advance = { $document }, advance
setoff-paper-no-vat = no VAT
setoff-paper-sum = { $parties ->
    [2] The parties set off the claims stated above in the amount of { $amount } ({ $words }).
   *[other] The parties discharge the claims stated above by set-off, each in the amount of { $amount } ({ $words }).
  }
setoff-paper-sum-notice = The claims of each side are set off in the amount of { $amount } ({ $words }).
setoff-paper-vat = VAT included in what { $debtor } owes { $creditor }: { $parts }.
setoff-paper-vat-rate = at { $rate }% { $amount } ({ $words })
setoff-paper-vat-none = without VAT { $amount }
setoff-paper-vat-untold = VAT not stated in the document { $amount }
setoff-paper-written-off = The difference of { $amount } is not claimed and is written off.
setoff-paper-rest = After the set-off, of the documents stated above:
setoff-paper-left = { $debtor } owes { $creditor } { $amount } ({ $words }).
setoff-paper-nothing-left = { $debtor } owes { $creditor } nothing more in { $currency }.
setoff-paper-effect-ru-capable = The obligations are discharged as of { $day }, when the claims became capable of set-off (Civil Code of the Russian Federation, article 410; Plenum of the Supreme Court, 11 June 2020, No. 6, item 15).
setoff-paper-effect-agreed = The obligations are discharged as of the day of this act, { $day }.
setoff-paper-effect-cn-receipt = The obligations are discharged as of the receipt of this notice, { $day } (Civil Code of the People's Republic of China, article 568; 法释〔2023〕13号, article 55).
setoff-paper-effect-cn-receipt-unknown = The obligations are discharged as of the day on which this notice is received (Civil Code of the People's Republic of China, article 568; 法释〔2023〕13号, article 55).
setoff-paper-effect-intl-notice = The obligations are discharged as of this notice, { $day } (UNIDROIT Principles of International Commercial Contracts, article 8.5).
setoff-paper-reason = Ground: { $reason }.
setoff-paper-linked = Related documents:
setoff-paper-copies = This act is made in { $count ->
    [2] two copies
    [3] three copies
    [4] four copies
    [5] five copies
   *[other] { $count } copies
  } of equal force, one for each party.
setoff-paper-notice-copies = This notice is made in { $count ->
    [2] two copies: one for the addressee
   *[other] { $count } copies: one for each addressee
  }, one for the sender.
setoff-paper-for-side = { $called }: { $name }
setoff-paper-blank-position = Title
setoff-paper-blank-signature = Signature
setoff-paper-blank-name = Name
setoff-paper-seal = -
setoff-paper-receipt = Received by { $name }
setoff-paper-receipt-date = Date
setoff-paper-receipt-signature = Title, signature, name
setoff-paper-linked-document = { $what } { $number }
setoff-paper-linked-dated = { $document } of { $day }
setoff-paper-linked-amount = { $document }, { $amount }
setoff-paper-sum-own = The claims stated above are discharged by set-off. What { $ours } owes, and what is owed to { $ours }, is set off in the amount of { $amount } ({ $words }) each; every other party is relieved of as much as it gives up.
setoff-paper-value = Of what { $debtor } owes { $creditor }, { $amount } count for { $value } at the rate of { $day }.
