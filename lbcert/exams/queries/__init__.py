"""What the pages and later rooms read of exams."""
