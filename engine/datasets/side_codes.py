"""The sides of a split as the numbers in splits.bin."""

TRAIN, VALIDATION, TEST, OPEN = range(4)  # OPEN: to be decided
NAMES = ("train", "validation", "test")
CODES = {name: code for code, name in enumerate(NAMES)}
