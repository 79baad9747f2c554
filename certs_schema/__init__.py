"""One JSON Schema for each certificate type and version."""
