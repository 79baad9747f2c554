"""The demo: fictional people and bodies of five places, made by the same operations and sheets as real ones."""
