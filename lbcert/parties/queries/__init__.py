"""What the room's pages and later rooms ask."""
