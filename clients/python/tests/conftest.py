"""A real server for the tests: the binary of `DEMARCHE_BINARY`, or the one that cargo built."""

import os
import pathlib
import re
import subprocess
import tempfile

import pytest

# gRPC's handlers of fork end the child at times, where subprocess forks (Python 3.9) while calls are open.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "false")

ROOT = pathlib.Path(__file__).parents[3]
BINARY = os.environ.get("DEMARCHE_BINARY") or ROOT / "target" / "release" / "demarche"


class Server:
    """A server process on a free port, or on a given one. `admin` is its admin address, if it was asked for one."""

    def __init__(self, *arguments, listen="127.0.0.1:0"):
        self._log = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115  (closed at the end)
        self.process = subprocess.Popen(
            [BINARY, "serve", "--listen", listen, *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        self.address = self._find(self.process.stdout, r"demarche is listening on (\S+)")
        self._log.seek(0)
        self.admin = self._find(self._log, r"the admin server is listening on (\S+)")
        if not self.address:
            self._log.seek(0)
            pytest.fail(f"the server did not start: {self._log.read()}")

    @staticmethod
    def _find(lines, pattern):
        return next((found.group(1) for found in (re.search(pattern, line) for line in lines) if found), None)

    def kill(self):
        self.process.kill()
        self._end()

    def stop(self):
        """SIGTERM; the exit code."""
        self.process.terminate()
        return self._end()

    def _end(self):
        code = self.process.wait(timeout=60)
        self.process.stdout.close()
        self._log.close()
        return code


@pytest.fixture(scope="session")
def address():
    """The address of a server that all tests share."""
    server = Server()
    yield server.address
    assert server.stop() == 0


@pytest.fixture
def start():
    """Starts servers that end with the test."""
    servers = []

    def start(*arguments, **options):
        servers.append(Server(*arguments, **options))
        return servers[-1]

    yield start
    for server in servers:
        server.kill()
