"""The edge and its shards of event streams: Debian's nginx with nchan, and deploy/nginx.

`python -m embedded.edge` lays out a folder for each nginx: its `conf` links to those files and has
beside them, in `place`, what is so on this machine only.
"""

import argparse
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from embedded import apt
from embedded.ports import LOOPBACK
from embedded.say import say

CHECKOUT = Path(__file__).resolve().parent.parent
MODULE = Path("/usr/lib/nginx/modules/ngx_nchan_module.so")
PACKAGES = ("nginx", "libnginx-mod-nchan")
ADVICE = f"Install them: sudo apt-get install {' '.join(PACKAGES)}."


@dataclass(frozen=True)
class EdgePorts:
    """Where the edge and the shards listen, and the web processes behind them."""

    edge: int
    web: int
    streams: int
    publish: Sequence[int]


@dataclass(frozen=True)
class Tls:
    """The files of a certificate, and where the edge answers those who come without TLS."""

    certificate: Path
    key: Path
    plain_port: int

    @property
    def directives(self) -> str:
        """What a server that speaks it has."""
        files = f"ssl_certificate {self.certificate};\nssl_certificate_key {self.key};\n"
        return f"{files}include tls.conf;\n"


def find_nginx() -> str | None:
    """Debian's nginx if its nchan is there as well, else None."""
    # Debian's folder of programs for root is not on everybody's PATH.
    found = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    return found if found and MODULE.exists() else None


def find_or_install_nginx() -> str | None:
    """As `find_nginx`; where there is none, root on Debian gets Debian's packages."""
    found = find_nginx()
    if found is None and apt.can_install():
        say("  ·  No nginx with nchan for the edge: installing Debian's")
        apt.install("nginx with nchan", PACKAGES)
        found = find_nginx()
    return found


def edge_command(nginx: str, state: Path, workers: int = 2) -> tuple[str, ...]:
    """The command of the edge that was laid out in `state`."""
    return _command(nginx, state / "edge", "edge", f"worker_processes {workers};")


def shard_command(nginx: str, state: Path, number: int) -> tuple[str, ...]:
    """The command of shard `number`, from 1."""
    return _command(nginx, state / f"shard{number}", "streams")


def lay_out(
    state: Path, ports: EdgePorts, checkout: Path = CHECKOUT, tls: Tls | None = None
) -> None:
    """Make the folders of the edge and of each shard below `state`; with `tls` they speak it."""
    served = {"static": state / "static", "apps": state / "apps"}
    _lay(state / "edge", checkout, edge_place(ports, tls), served)
    for number, port in enumerate(ports.publish, start=1):
        _lay(state / f"shard{number}", checkout, shard_place(ports.streams, port, tls))


def edge_place(ports: EdgePorts, tls: Tls | None = None) -> dict[str, str]:
    """The edge's files of this machine."""
    shards = "".join(f"    server {LOOPBACK}:{port};\n" for port in ports.publish)
    return {
        "edge.conf": f"""access_log off;
upstream web {{
    server {LOOPBACK}:{ports.web};
    keepalive 64;
}}
upstream snapshots {{
{shards}    keepalive 64;
}}
{_plain_server(tls)}""",
        "streams-source.conf": f"""map "" $streams_source {{
    default " {"https" if tls else "http"}://{LOOPBACK}:{ports.streams}";
}}
""",
        "edge-listen.conf": _listen(ports.edge, "backlog=4096", tls, " http2"),
    }


def shard_place(streams: int, publish: int, tls: Tls | None = None) -> dict[str, str]:
    """A shard's files of this machine; all shards listen on one port for streams."""
    return {
        "streams-listen.conf": _listen(streams, "reuseport backlog=4096", tls),
        "publish-listen.conf": f"listen {LOOPBACK}:{publish};\n",
        "self.conf": f"""upstream self {{
    server {LOOPBACK}:{publish};
    keepalive 64;
}}
""",
    }


def _listen(port: int, options: str, tls: Tls | None, with_tls: str = "") -> str:
    if tls is None:
        return f"listen {LOOPBACK}:{port} {options};\n"
    return f"listen {LOOPBACK}:{port} {options} ssl{with_tls};\n{tls.directives}"


def _plain_server(tls: Tls | None) -> str:
    if tls is None:
        return ""
    return f"server {{\n    listen {LOOPBACK}:{tls.plain_port};\n    include to_https.conf;\n}}\n"


def _lay(
    folder: Path, checkout: Path, place: Mapping[str, str], served: Mapping[str, Path] | None = None
) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    for path in ("conf/place", "srv"):
        (folder / path).mkdir(parents=True)
    for source in sorted((checkout / "deploy" / "nginx").glob("*.conf")):
        (folder / "conf" / source.name).symlink_to(source)
    for name, text in place.items():
        (folder / "conf" / "place" / name).write_text(text)
    for name, target in (served or {}).items():
        (folder / "srv" / name).symlink_to(target)


def _command(nginx: str, folder: Path, main: str, directives: str = "") -> tuple[str, ...]:
    command = (nginx, "-p", str(folder), "-c", str(folder / "conf" / f"{main}.conf"))
    return (*command, "-g", directives) if directives else command


def main() -> None:
    """Lay out what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("state", type=Path)
    for name in ("edge", "web", "streams"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--publish", type=int, nargs="+", required=True)
    chosen = parser.parse_args()
    lay_out(chosen.state, EdgePorts(chosen.edge, chosen.web, chosen.streams, tuple(chosen.publish)))


if __name__ == "__main__":
    main()
