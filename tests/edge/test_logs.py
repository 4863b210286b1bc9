"""The name of a stream is the right to follow it, and is in no log."""

from tests.edge.running import Edge
from waitlessq.streams.channels import secret_name


def test_the_name_of_a_stream_is_not_logged_when_nothing_takes_its_message(edge: Edge) -> None:
    name = secret_name("tickets", 81)
    port = edge.ports.publish[0]
    edge.ask(f"/publish/{name}", method="POST", port=port, headers={"Content-Length": "300000"})
    assert name not in edge.log.read_text()
