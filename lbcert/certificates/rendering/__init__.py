"""A certificate on paper: from plain data to PDF."""
