"""The configuration with what Kubernetes adds to it is one that nginx takes."""

import re
import subprocess
from pathlib import Path

import pytest
from django.conf import settings

from embedded.edge import find_nginx
from tests.edge.running import make_certificate

ROOT = Path(settings.BASE_DIR)


@pytest.mark.parametrize(("main", "component"), [("edge", "edge"), ("streams", "streams")])
def test_nginx_takes_it(tmp_path: Path, main: str, component: str) -> None:
    (tmp_path / "place").mkdir()
    for source in (ROOT / "deploy" / "nginx").glob("*.conf"):
        (tmp_path / source.name).symlink_to(source)
    for source in (ROOT / "k8s" / "base" / component / "place").glob("*.conf"):
        (tmp_path / "place" / source.name).write_text(
            _without_cluster(source.read_text(), tmp_path)
        )
    make_certificate(tmp_path)
    nginx = find_nginx()
    assert nginx is not None
    command = [nginx, "-t", "-p", str(tmp_path), "-c", str(tmp_path / f"{main}.conf")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def _without_cluster(text: str, folder: Path) -> str:
    """There are no names of services here, and the certificate is elsewhere."""
    text = re.sub(r"server [a-z-]+:", "server 127.0.0.1:", text)
    return text.replace("/etc/tls", str(folder))
