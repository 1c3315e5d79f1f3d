"""Training recipes of other tools, read and written without running anything they name."""
