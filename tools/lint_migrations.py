"""Runs squawk over the SQL of our own migrations: ``python -m tools.lint_migrations``.

Migrations are loaded without a database, so this works anywhere.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import django
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from psycopg.sql import quote

# What squawk asks of changes to tables that are in use is not asked of tables just created, which
# squawk sees by itself. Left out besides:
EXCLUDED_RULES = [
    # Each migration is one transaction already.
    "prefer-robust-stmts",
    # Django sets varchar(n) from max_length, which forms and the API rely on.
    "prefer-text-field",
    # The fewest bits that hold the values: chosen on purpose, never for ids.
    "prefer-bigint-over-int",
    "prefer-bigint-over-smallint",
]


def first_party_sql() -> Iterator[tuple[str, str, bool]]:
    """Each migration of this project's apps: its name, its SQL, whether it is one transaction."""
    # Without a connection the loader does not ask which migrations were applied.
    loader = MigrationLoader(None)
    ours = {
        config.label
        for config in apps.get_app_configs()
        if Path(config.path).parent == Path(settings.BASE_DIR)
    }
    for label, name in sorted(loader.graph.nodes):
        if label in ours:
            with connection.schema_editor(collect_sql=True, atomic=False) as editor:
                state = loader.project_state((label, name), at_end=False)
                migration = loader.graph.nodes[label, name]
                migration.apply(state, editor, collect_sql=True)
            yield f"{label}_{name}", "\n".join(map(str, editor.collected_sql)), migration.atomic


def main() -> int:
    """Lints all of them; the exit code is squawk's."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "waitlessq.settings")
    django.setup()
    # Writing SQL asks the server only for its version; say which one instead of connecting.
    connection.__dict__["pg_version"] = 180000
    # Psycopg wants a connection for values; the defaults of new columns are simple ones.
    connection.ops.__dict__["compose_sql"] = lambda text, values: text % tuple(map(quote, values))
    # As every connection of ours has them.
    timeouts = "\n".join(f"SET {k} = {ms};" for k, ms in settings.DATABASE_TIMEOUTS_MS.items())
    with TemporaryDirectory() as folder:
        files: dict[bool, list[str]] = {True: [], False: []}
        for name, sql, is_transaction in first_party_sql():
            path = Path(folder) / f"{name}.sql"
            path.write_text(f"{timeouts}\n{sql}")
            files[is_transaction].append(str(path))
        squawk = str(Path(sys.executable).parent / "squawk")
        command = [squawk, f"--exclude={','.join(EXCLUDED_RULES)}"]
        codes = [
            subprocess.run([*command, *options, *files[is_transaction]], check=False).returncode
            for is_transaction, options in ((True, ["--assume-in-transaction"]), (False, []))
            if files[is_transaction]
        ]
        return max(codes)


if __name__ == "__main__":
    sys.exit(main())
