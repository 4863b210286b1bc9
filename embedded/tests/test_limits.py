"""Low limits are raised where that is allowed, and said where it is not."""

import subprocess
import sys
from pathlib import Path

from embedded.limits import disk_warning

LIMITED = """
import resource
resource.setrlimit(resource.RLIMIT_NOFILE, (256, {hard}))
from embedded.limits import raise_open_files
print(raise_open_files(), resource.getrlimit(resource.RLIMIT_NOFILE)[0])
"""


def _with_hard_limit(hard: int) -> str:
    command = [sys.executable, "-c", LIMITED.format(hard=hard)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_a_low_soft_limit_is_raised() -> None:
    assert _with_hard_limit(8192) == "None 8192\n"


def test_a_low_hard_limit_is_said() -> None:
    assert "Only 512 files" in _with_hard_limit(512)


def test_a_full_disk_is_said(tmp_path: Path) -> None:
    assert disk_warning(tmp_path, least=1) is None
    assert "MiB are free" in (disk_warning(tmp_path, least=2**62) or "")
