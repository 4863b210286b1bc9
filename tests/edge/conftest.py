import itertools
from collections.abc import Iterator

import pytest

from tests.edge.running import Edge

_addresses = (f"127.7.{number // 250}.{1 + number % 250}" for number in itertools.count())


@pytest.fixture(scope="session")
def whole_edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    edge = Edge(tmp_path_factory.mktemp("edge"))
    edge.start()
    yield edge
    edge.stop()


@pytest.fixture
def edge(whole_edge: Edge) -> Edge:
    """The edge, and a stand-in behind it that answers 200."""
    whole_edge.web.asked.clear()
    whole_edge.web.answer = lambda _: (200, {}, b"web")
    return whole_edge


@pytest.fixture
def address() -> str:
    """An address that nobody has asked from."""
    return next(_addresses)
