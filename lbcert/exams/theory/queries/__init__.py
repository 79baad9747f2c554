"""What the pages of theory by computer read."""
