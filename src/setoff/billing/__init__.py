"""Billing by a price list: charges of service accounts and operations become invoices (spec 5)."""
