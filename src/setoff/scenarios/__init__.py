"""Scenarios: a story of documents and actions, and what the books must say after it."""
