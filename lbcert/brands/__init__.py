"""Labour brands, the training items they teach, and the menu of modules."""
