#!/usr/bin/env python3
"""Checks the balancing settings of docs/scaling.md against real servers: both are called, and one may end.

usage: balance.py DEMARCHE

DEMARCHE: the program. Two servers are started on free ports and stopped again.
Needs: grpcio
Exit code: 0 if the settings do what the document says, 1 with a line that says what they do not.
"""

import json
import pathlib
import re
import signal
import subprocess
import sys
import time
import urllib.request

import grpc

DOCUMENT = pathlib.Path(__file__).resolve().parents[2] / "docs" / "scaling.md"
CALLS = 60
# GetModel has an empty request, so no generated code is needed.
METHOD = "/demarche.v1.ModelService/GetModel"


def service_config():
    text = DOCUMENT.read_text(encoding="utf-8")
    found = re.search(r"<!-- service-config: begin -->\n```json\n(.*?)```", text, re.DOTALL)
    return json.dumps(json.loads(found.group(1)))


class Server:
    def __init__(self, program):
        # Without a line for each call, for nobody reads them here.
        flags = [
            "--listen=127.0.0.1:0",
            "--admin-listen=127.0.0.1:0",
            "--pause-seconds=1",
            "--log-level=info,demarche::call=warn",
        ]
        self.process = subprocess.Popen(
            [program, "serve", *flags], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        admin = next(line for line in self.process.stderr if "admin server is listening on" in line)
        self.admin = admin.split()[-1]
        self.address = self.process.stdout.readline().split()[-1]

    def calls(self):
        with urllib.request.urlopen(f"http://{self.admin}/metrics", timeout=20) as answer:
            lines = answer.read().decode().splitlines()
        counts = [line for line in lines if line.startswith("demarche_calls_total{") and "GetModel" in line]
        return sum(float(line.split()[-1]) for line in counts)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        _, log = self.process.communicate(timeout=60)
        return self.process.returncode, log


def call(channel, times):
    method = channel.unary_unary(METHOD, request_serializer=bytes, response_deserializer=bytes)
    for _ in range(times):
        method(b"", wait_for_ready=True)


def main(program):
    first, second = servers = [Server(program), Server(program)]
    try:
        addresses = "ipv4:" + ",".join(server.address for server in servers)
        # A list of addresses is no name of a host, which every call must have.
        options = [("grpc.service_config", service_config()), ("grpc.default_authority", "demarche")]
        with grpc.insecure_channel(addresses, options=options) as channel:
            limit = time.monotonic() + 30
            while not all(server.calls() for server in servers):  # until both are connected, in whatever order
                call(channel, 1)
                if time.monotonic() > limit:
                    return f"in 30 s only one server was called: {[server.calls() for server in servers]}"
            before = [server.calls() for server in servers]
            call(channel, CALLS)
            shares = [int(server.calls() - earlier) for server, earlier in zip(servers, before)]
            if sum(shares) != CALLS or min(shares) < CALLS / 4:
                return f"of {CALLS} calls the servers got {shares}"
            first.process.send_signal(signal.SIGTERM)
            while first.process.poll() is None:
                call(channel, 1)  # raises if one fails
            call(channel, CALLS)
            print(f"{CALLS} calls went to two servers as {shares}; none failed while one of them ended")
        return None
    except grpc.RpcError as error:
        return f"a call failed: {error.code().name}: {error.details()}"
    finally:
        for server in servers:
            server.stop()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    problem = main(sys.argv[1])
    if problem:
        sys.exit(f"balance.py: {problem}")
