"""A tiny platform for the launcher's tests: `python -m embedded.tests.tiny CHECKOUT [FAULT]`.

Its programs start in milliseconds. Each appends its name to `ended.txt` when asked to stop. With
the fault "dies", the worker ends by itself with exit code 3; with "deaf" it ignores the request.
"""

import random
import sys
from pathlib import Path

from embedded.launcher import run
from embedded.project import Plan, SetUpCommand, Stack
from embedded.say import ProblemError, say
from embedded.supervisor import Program

WEB = """
import http.server, signal, sys, threading
name, ended, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
    def log_message(self, *_):
        pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
def stop(*_):
    with open(ended, "a") as file:
        file.write(name + "\\n")
    threading.Thread(target=server.shutdown).start()
signal.signal(signal.SIGTERM, stop)
server.serve_forever()
"""
SLEEPER = """
import signal, sys, time
name, ended, fault = sys.argv[1], sys.argv[2], sys.argv[3]
def stop(*_):
    with open(ended, "a") as file:
        file.write(name + "\\n")
    if fault != "deaf":
        sys.exit(0)
signal.signal(signal.SIGTERM, stop)
time.sleep(1 if fault == "dies" else 600)
while fault == "deaf":
    time.sleep(600)
sys.exit(3)
"""


def tiny_plan(checkout: Path, fault: str, stack: Stack) -> Plan:
    """A web server that answers everything, and two sleepers."""
    ended = str(checkout / "ended.txt")

    def program(name: str, code: str, last: str) -> Program:
        return Program(name, (sys.executable, "-c", code, name, ended, last), stop_seconds=1.0)

    return Plan(
        set_up=(SetUpCommand("Set up", (sys.executable, "-c", "print('done')"), shown=True),),
        programs=(
            program("web", WEB, str(stack.ports["web"])),
            program("beat", SLEEPER, ""),
            program("worker", SLEEPER, fault),
        ),
    )


def main() -> int:
    """Run the tiny platform in the folder named on the command line."""
    checkout, fault = Path(sys.argv[1]), "".join(sys.argv[2:])
    # Tests run at the same time: one must not take the port that another is about to open.
    web_port = 10000 + 50 * random.randrange(200)
    try:
        return run(checkout, lambda stack: tiny_plan(checkout, fault, stack), web_port=web_port)
    except ProblemError as problem:
        say(str(problem))
        return 1


if __name__ == "__main__":
    sys.exit(main())
