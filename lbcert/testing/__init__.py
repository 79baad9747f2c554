"""What a plugin's author needs to test with real parts: the app, both databases and the factories.

One line in the ``conftest.py`` beside the tests brings the fixtures: ``pytest_plugins = ["lbcert.testing.fixtures"]``.
"""
