"""The shape of a run's database. A new version appends a script; none is ever changed."""

MIGRATIONS = (
    """
    CREATE TABLE run (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        run TEXT NOT NULL,
        workflow TEXT NOT NULL,
        status TEXT NOT NULL,
        epoch INTEGER NOT NULL,
        created_at REAL NOT NULL,
        updated_at REAL NOT NULL,
        steps_total INTEGER NOT NULL,
        steps_done INTEGER NOT NULL
    ) STRICT;
    -- Apart from the row that changes: a large plan must not be written again with each commit.
    CREATE TABLE plan (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        plan TEXT NOT NULL
    ) STRICT;
    CREATE TABLE event (
        seq INTEGER PRIMARY KEY,
        at REAL NOT NULL,
        epoch INTEGER NOT NULL,
        type TEXT NOT NULL,
        data TEXT,
        blob TEXT,
        CHECK ((data IS NULL) <> (blob IS NULL))
    ) STRICT
    """,
)
