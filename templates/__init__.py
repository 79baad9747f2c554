"""Templates of pages, certificates and documents."""
