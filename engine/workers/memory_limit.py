"""A ceiling on the memory of a process that reads what it does not know."""

MEMORY_LIMIT = 8 * 1024**3  # bytes of address space


def limit_memory() -> None:
    """A file that blows up ends as "out of memory" here and not as a stalled machine."""
    try:
        import resource
    except ImportError:  # not on Windows
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = MEMORY_LIMIT if hard == resource.RLIM_INFINITY else min(MEMORY_LIMIT, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
