"""Brings the fixtures to every test, the plugins' too."""

pytest_plugins = ["lbcert.testing.fixtures"]
