"""Answers: the named reports over books and settlements, and their rendering as table, JSON, CSV and XLSX (spec 6)."""
