"""Restarts two replicas in turn while a client calls them: with the standard retry policy no call may fail.

    pip install grpcio grpcio-tools
    cargo build --release && python benches/load/rolling.py [RESTARTS]

The client is as any gRPC client may be set up: both addresses, `round_robin`, and a `retryPolicy` of four attempts
that retries UNAVAILABLE only. The replicas are stopped by SIGTERM and wait `--pause-seconds 0`, the hardest case: no
load balancer has time to turn away. Exit code 1 if a call failed.
"""

import collections
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time

import grpc

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
BINARY = os.path.join(os.environ.get("CARGO_TARGET_DIR", os.path.join(ROOT, "target")), "release", "demarche")
CALLERS = 4
SERVICE_CONFIG = {
    "loadBalancingConfig": [{"round_robin": {}}],
    "methodConfig": [
        {
            "name": [{"service": "demarche.v1.StanceService"}],
            "timeout": "10s",
            "retryPolicy": {
                "maxAttempts": 4,
                "initialBackoff": "0.1s",
                "maxBackoff": "1s",
                "backoffMultiplier": 2,
                "retryableStatusCodes": ["UNAVAILABLE"],
            },
        }
    ],
}
TEXT = "China condemned the sanctions of the United States. Kenya voted for the resolution on Tuesday. "

sys.path.insert(0, os.path.join(ROOT, "proto"))
messages, services = grpc.protos_and_services("demarche/v1/stance_service.proto")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(port):
    """Starts a replica and waits until it listens, which it does only when it is ready."""
    command = [BINARY, "serve", "--listen", f"127.0.0.1:{port}", "--log-level", "warn"]
    replica = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    line = replica.stdout.readline()
    if not line.startswith("demarche is listening on "):
        sys.exit(f"the replica on port {port} did not start: {line!r}")
    return replica


def call(stub, stopped, codes, times):
    while not stopped.is_set():
        request = messages.ClassifyRequest(article=messages.Article(text=TEXT * 10))
        began = time.monotonic()
        try:
            stub.Classify(request)
            codes["OK"] += 1
        except grpc.RpcError as error:
            codes[error.code().name] += 1
            time.sleep(0.1)
            print(f"failed: {error.code().name}: {error.details()}", file=sys.stderr)
        times.append(time.monotonic() - began)


def main():
    restarts = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    ports = [free_port(), free_port()]
    replicas = [start(port) for port in ports]
    # A list of addresses is no authority that HTTP/2 allows.
    options = [("grpc.service_config", json.dumps(SERVICE_CONFIG)), ("grpc.default_authority", "demarche")]
    target = "ipv4:" + ",".join(f"127.0.0.1:{port}" for port in ports)
    channel = grpc.insecure_channel(target, options)
    stopped, codes, times = threading.Event(), collections.Counter(), []
    stub = services.StanceServiceStub(channel)
    callers = [threading.Thread(target=call, args=(stub, stopped, codes, times)) for _ in range(CALLERS)]
    for caller in callers:
        caller.start()
    began = time.monotonic()
    try:
        for restart in range(restarts):
            which = restart % 2
            replicas[which].send_signal(signal.SIGTERM)
            if replicas[which].wait(timeout=30) != 0:
                sys.exit(f"a replica ended with code {replicas[which].returncode}")
            replicas[which] = start(ports[which])
            # Until the client has found it again: its first back-off is a second.
            time.sleep(1.5)
    finally:
        stopped.set()
        for caller in callers:
            caller.join()
        for replica in replicas:
            replica.terminate()
            replica.wait(timeout=30)
    times.sort()
    print(f"{restarts} restarts in {time.monotonic() - began:.0f} s; calls by code: {dict(codes)}")
    print(f"slowest call {times[-1]:.3f} s, 99th percentile {times[len(times) * 99 // 100]:.3f} s")
    sys.exit(0 if set(codes) == {"OK"} else 1)


main()
