import pytest

from appointments.tests.cast import Practice, build_practice
from conftest import House


@pytest.fixture
def practice(in_house: House) -> Practice:
    """The house, with people who can be booked."""
    return build_practice(in_house)
