"""What pages, exports and later rooms read of cohorts."""
