"""What an auditor is handed years later: all papers of an exam, signed, kept, and opened by two."""
