"""A pytest plugin: a provider for tests, in this process or as a server, with an account of its own for each test."""
