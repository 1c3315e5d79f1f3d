"""A small synchronous client of the engine's API, for the command line and the tests."""
