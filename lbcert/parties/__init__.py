"""Organisations and their filings, persons and what they hold, accounts and their roles."""
