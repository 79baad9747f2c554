"""The frame of the pages: layout, static files, error pages, home per role."""
