"""`make lighthouse`: how a phone's first load of a published app is judged (P7).

Runs Lighthouse, as npm has it, with Chromium on the app of a demo provider of the running platform:
its mobile preset, a slow phone on a slow network. Reports are in build/lighthouse. Fails where a
score is below the bar, or more script is sent than may be.
"""

import argparse
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from embedded.browser import find_chromium
from embedded.client import node, npm
from embedded.project import DEMO_PROVIDER
from embedded.say import ProblemError

ROOT = Path(__file__).resolve().parent.parent
REPORTS = ROOT / "build" / "lighthouse"
VERSION = "13.5.0"
BARS = {"performance": 98, "accessibility": 100, "best-practices": 100, "seo": 100}
MOST_SCRIPT_KB = 35.0
FLAGS = "--headless=new --no-sandbox --disable-dev-shm-usage"


def main(path: str) -> int:
    """Judges the page at this path; returns the exit code."""
    chromium = find_chromium()
    if chromium is None:
        raise ProblemError("Lighthouse needs Chromium: name it in CHROMIUM.")
    _fetch()
    os.environ["CHROME_PATH"] = str(chromium)
    address = f"{os.environ['WEB_URL']}{path}"
    node(
        ROOT,
        str(REPORTS / "node_modules" / "lighthouse" / "cli" / "index.js"),
        address,
        "--quiet",
        "--output=json",
        "--output=html",
        f"--output-path={REPORTS / 'app'}",
        f"--only-categories={','.join(BARS)}",
        f"--chrome-flags={FLAGS}",
    )
    report = json.loads((REPORTS / "app.report.json").read_text())
    return _judge(report, address)


def _fetch() -> None:
    """Lighthouse is a tool of this command alone, so nothing else installs it."""
    package = REPORTS / "node_modules" / "lighthouse" / "package.json"
    if package.exists() and json.loads(package.read_text())["version"] == VERSION:
        return
    REPORTS.mkdir(parents=True, exist_ok=True)
    npm(ROOT, "install", "--prefix", str(REPORTS), "--no-save", f"lighthouse@{VERSION}")


def _judge(report: Mapping[str, Any], address: str) -> int:
    scores = {name: round(100 * (report["categories"][name]["score"] or 0)) for name in BARS}
    requests = report["audits"]["network-requests"]["details"]["items"]
    script = sum(one["transferSize"] for one in requests if one["resourceType"] == "Script") / 1024
    for name, audit in report["audits"].items():
        if audit["score"] is not None and audit["score"] < 1 and audit.get("details"):
            print(f"  {audit['title']} ({name})")
    for name, bar in BARS.items():
        print(f"{name:16}{scores[name]:>6}  (at least {bar})")
    print(f"{'script, KB':16}{script:>6.1f}  (at most {MOST_SCRIPT_KB:.0f}, compressed)")
    print(f"Reports: {REPORTS.relative_to(ROOT)}")
    print(
        json.dumps({"bench": "lighthouse", "url": address, **scores, "script_kb": round(script, 1)})
    )
    is_met = all(scores[name] >= bar for name, bar in BARS.items()) and script <= MOST_SCRIPT_KB
    return 0 if is_met else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--path", default=f"/p/{DEMO_PROVIDER}/")
    sys.exit(main(parser.parse_args().path))
