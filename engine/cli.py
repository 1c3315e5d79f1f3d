"""The `adapter-studio` command."""
