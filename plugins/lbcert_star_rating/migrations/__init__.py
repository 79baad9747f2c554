"""Schema changes of the plugin's own tables."""
