"""Writing rows whose name is unique within the provider."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction

from providers.errors import NameTakenError


@contextmanager
def unique_name(name: str | None) -> Iterator[None]:
    """Turns the violation of a ``…_name_is_unique`` constraint into a domain error.

    Raises:
        NameTakenError: the name is taken.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if "_name_is_unique" not in str(error):
            raise
        raise NameTakenError(f"“{name}” is taken. Choose another name.", name=name) from error
