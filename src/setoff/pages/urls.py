"""The addresses of the pages. Every area lists its own."""

from __future__ import annotations

from django.urls import include, path

app_name = "pages"
urlpatterns = [
    path("", include("setoff.pages.session")),
    path("", include("setoff.pages.account")),
    path("", include("setoff.pages.today")),
    path("open/", include("setoff.pages.open_items")),
    path("allocation/", include("setoff.pages.desk")),
    path("set-offs/", include("setoff.pages.set_offs")),
    path("set-offs/", include("setoff.pages.set_off_desk")),
    path("set-offs/", include("setoff.pages.set_off_run")),
    path("", include("setoff.pages.letters")),
    path("documents/", include("setoff.pages.documents")),
    path("entry/", include("setoff.pages.forms.entry")),
    path("masters/", include("setoff.pages.forms.masters")),
    path("contract-files/", include("setoff.pages.contract_files")),
    path("pick/", include("setoff.pages.pick")),
    path("lots/", include("setoff.pages.lots")),
    path("partners/", include("setoff.pages.partners")),
    path("acts/", include("setoff.pages.acts")),
    path("rounds/", include("setoff.pages.rounds")),
    path("rounds/", include("setoff.pages.round")),
    path("rounds/", include("setoff.pages.round_file")),
    path("network/", include("setoff.pages.network")),
    path("bank/", include("setoff.pages.bank")),
    path("reports/", include("setoff.pages.reports")),
    path("vat/", include("setoff.pages.advance_vat")),
    path("billing/", include("setoff.pages.billing")),
    path("invoices/", include("setoff.pages.invoices")),
    path("notices/", include("setoff.pages.notices")),
    path("year-end/", include("setoff.pages.year_end")),
    path("rates/", include("setoff.pages.rates")),
    path("doubtful/", include("setoff.pages.doubtful")),
    path("loans/", include("setoff.pages.loans")),
    path("checks/", include("setoff.pages.checks")),
    path("people/", include("setoff.pages.people")),
    path("policies/units/", include("setoff.pages.unit_policies")),
    path("policies/", include("setoff.pages.policies")),
    path("webhooks/", include("setoff.pages.webhooks")),
    path("audit/", include("setoff.pages.audit")),
    path("me/tokens/", include("setoff.pages.tokens")),
    path("approvals/", include("setoff.pages.approvals")),
    path("periods/", include("setoff.pages.periods")),
]
