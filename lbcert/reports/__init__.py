"""Whatever looks down the whole process."""
