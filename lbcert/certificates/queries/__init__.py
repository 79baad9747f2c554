"""What pages, commands and the API read of certificates."""
