"""What is made of the sources before anything runs."""

from pathlib import Path

from embedded.client import build_client
from embedded.texts import compile_catalogs


def build(checkout: Path) -> None:
    """Bring what browsers get and the compiled translations of `checkout` up to date.

    Raises:
        ProblemError: a tool failed, or a file of translations cannot be read.
    """
    build_client(checkout)
    compile_catalogs(checkout)
