"""The catalog's schema as numbered steps; a released step is never edited, only followed."""

from collections.abc import Callable


def m001_first_tables() -> tuple[str, ...]:
    """Records, one table a kind. Nested fields are JSON; empty references are NULL."""
    return (
        """CREATE TABLE models (
            id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, path TEXT NOT NULL,
            source TEXT NOT NULL, status TEXT NOT NULL, architecture TEXT, parameters INTEGER,
            dtype TEXT, size_bytes INTEGER, context_length INTEGER, vocabulary INTEGER,
            layers INTEGER, hidden_size INTEGER, licence TEXT, template_hash TEXT,
            tokenizer_hash TEXT, fingerprint TEXT, linears TEXT, created_at REAL)""",
        "CREATE INDEX models_fingerprint ON models (fingerprint)",
        """CREATE TABLE datasets (
            id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, version INTEGER NOT NULL,
            path TEXT NOT NULL, sha256 TEXT NOT NULL, source TEXT, source_sha256 TEXT,
            sample INTEGER, mapping TEXT, columns TEXT, rows INTEGER, train_rows INTEGER,
            validation_rows INTEGER, size_bytes INTEGER, encoding TEXT, split TEXT,
            findings TEXT, finding_count INTEGER, read_s REAL, created_at REAL)""",
        """CREATE TABLE dataset_versions (
            dataset TEXT NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
            version INTEGER NOT NULL, record TEXT NOT NULL, PRIMARY KEY (dataset, version))""",
        """CREATE TABLE jobs (
            id TEXT PRIMARY KEY, kind TEXT NOT NULL, title TEXT NOT NULL, state TEXT NOT NULL,
            progress REAL, detail TEXT, remaining_s REAL, created_at REAL, started_at REAL,
            ended_at REAL, subject TEXT, problem TEXT, attempts INTEGER, position INTEGER)""",
        """CREATE TABLE job_tasks (
            job TEXT PRIMARY KEY REFERENCES jobs (id) ON DELETE CASCADE, task TEXT NOT NULL,
            worker_pid INTEGER, worker_started_at REAL)""",
        """CREATE TABLE runs (
            id TEXT PRIMARY KEY, number INTEGER NOT NULL UNIQUE, name TEXT NOT NULL,
            job TEXT REFERENCES jobs (id) ON DELETE SET NULL, spec TEXT NOT NULL,
            base_name TEXT, dataset_name TEXT, dataset_version INTEGER, path TEXT NOT NULL,
            state TEXT NOT NULL, step INTEGER, total_steps INTEGER, epoch REAL, train_loss REAL,
            validation_loss REAL, best_loss REAL, best_step INTEGER, learning_rate REAL,
            tokens_per_second REAL, memory_bytes INTEGER, elapsed_s REAL, checkpoints TEXT,
            advice TEXT, adapter TEXT, created_at REAL)""",
        """CREATE TABLE metrics (
            run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE, step INTEGER NOT NULL,
            epoch REAL, train_loss REAL, validation_loss REAL, learning_rate REAL,
            tokens_per_second REAL, memory_bytes INTEGER, at REAL)""",
        "CREATE INDEX metrics_run ON metrics (run, step)",
        """CREATE TABLE adapters (
            id TEXT PRIMARY KEY, name TEXT NOT NULL, version INTEGER NOT NULL,
            path TEXT NOT NULL, hash TEXT NOT NULL, method TEXT, rank INTEGER, alpha REAL,
            target_modules TEXT, parameters INTEGER, size_bytes INTEGER,
            base TEXT REFERENCES models (id) ON DELETE SET NULL, base_name TEXT,
            base_fingerprint TEXT, template_hash TEXT, dataset TEXT, dataset_name TEXT,
            dataset_version INTEGER, dataset_sha256 TEXT, train_rows INTEGER, run TEXT,
            run_number INTEGER, step INTEGER, parents TEXT, metrics TEXT, files TEXT,
            imported INTEGER, created_at REAL, UNIQUE (name, version))""",
        "CREATE INDEX adapters_base ON adapters (base)",
        """CREATE TABLE conversations (
            id TEXT PRIMARY KEY, title TEXT NOT NULL, base TEXT, columns TEXT, system TEXT,
            sampling TEXT, turns TEXT, created_at REAL, updated_at REAL)""",
        """CREATE TABLE token_stats (
            dataset TEXT NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
            version INTEGER NOT NULL, tokenizer_hash TEXT NOT NULL, template_hash TEXT NOT NULL,
            record TEXT NOT NULL,
            PRIMARY KEY (dataset, version, tokenizer_hash, template_hash))""",
        """CREATE TABLE measurements (
            base_fingerprint TEXT NOT NULL, target_modules TEXT NOT NULL, rank INTEGER NOT NULL,
            threads INTEGER NOT NULL, tokens_per_second REAL, fixed_bytes INTEGER,
            bytes_per_token REAL, start_s REAL, measured_at REAL,
            PRIMARY KEY (base_fingerprint, target_modules, rank, threads))""",
    )


def m002_splits_and_parts() -> tuple[str, ...]:
    """Rows kept for evaluation, how rows are held out, datasets of several files, templates."""
    return (
        "ALTER TABLE datasets ADD COLUMN test_rows INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE datasets ADD COLUMN split_spec TEXT NOT NULL DEFAULT '{}'",
        "ALTER TABLE datasets ADD COLUMN change TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE datasets ADD COLUMN ignored TEXT NOT NULL DEFAULT '[]'",
        "ALTER TABLE datasets ADD COLUMN made_of TEXT NOT NULL DEFAULT '[]'",
        "ALTER TABLE datasets ADD COLUMN examined INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE datasets ADD COLUMN finding_counts TEXT NOT NULL DEFAULT '{}'",
        "ALTER TABLE datasets ADD COLUMN parts TEXT NOT NULL DEFAULT '[]'",
        "ALTER TABLE datasets ADD COLUMN template TEXT",
        "ALTER TABLE adapters ADD COLUMN template TEXT",
    )


def m003_start_rules() -> tuple[str, ...]:
    """When a queued job may start, and how long it will take."""
    return (
        "ALTER TABLE jobs ADD COLUMN start_rule TEXT NOT NULL DEFAULT '{}'",
        "ALTER TABLE jobs ADD COLUMN forecast_s REAL",
    )


def m004_metric_columns() -> tuple[str, ...]:
    """The gradient's norm, and what a step takes of processor and GPU."""
    return (
        "ALTER TABLE metrics ADD COLUMN gradient_norm REAL",
        "ALTER TABLE metrics ADD COLUMN processor_share REAL",
        "ALTER TABLE metrics ADD COLUMN gpu_share REAL",
        "ALTER TABLE metrics ADD COLUMN gpu_memory_bytes INTEGER",
    )


def m006_measurements_by_method() -> tuple[str, ...]:
    """What training costs depends on the method; what was measured before is measured again."""
    return (
        "DROP TABLE measurements",
        """CREATE TABLE measurements (
            base_fingerprint TEXT NOT NULL, method TEXT NOT NULL, target_modules TEXT NOT NULL,
            rank INTEGER NOT NULL, threads INTEGER NOT NULL, tokens_per_second REAL,
            fixed_bytes INTEGER, bytes_per_token REAL, start_s REAL, measured_at REAL,
            PRIMARY KEY (base_fingerprint, method, target_modules, rank, threads))""",
    )


def m005_notices() -> tuple[str, ...]:
    """What a run did by itself, and how often it halved its micro-batch."""
    return (
        "ALTER TABLE runs ADD COLUMN notices TEXT NOT NULL DEFAULT '[]'",
        "ALTER TABLE runs ADD COLUMN halvings INTEGER NOT NULL DEFAULT 0",
    )


def m008_bits_of_the_base() -> tuple[str, ...]:
    """Whether an adapter was trained on a base of fewer bits."""
    return ("ALTER TABLE adapters ADD COLUMN base_bits INTEGER NOT NULL DEFAULT 0",)


Migration = Callable[[], tuple[str, ...]]
MIGRATIONS: tuple[Migration, ...] = (
    m001_first_tables,
    m002_splits_and_parts,
    m003_start_rules,
    m004_metric_columns,
    m005_notices,
    m006_measurements_by_method,
    m008_bits_of_the_base,
)
