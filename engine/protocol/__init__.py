"""The contract between the window, the engine and its workers: structs and nothing else."""
