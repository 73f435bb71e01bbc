"""The peer as a service, over the same contract: what a user would otherwise write.

    python benches/peers/server.py FILE [PROCESSES]

Python computes on one core at a time, so there is a process a core, each at a port of its own; the load generator deals
its connections out among them. Ends when standard input does.
"""

import concurrent.futures
import os
import subprocess
import sys

import grpc

for library in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"]:
    os.environ.setdefault(library, "1")

import peer  # noqa: E402
from parties import ROOT  # noqa: E402

sys.path.insert(0, str(ROOT / "proto"))
messages, services = grpc.protos_and_services("demarche/v1/stance_service.proto")
types = grpc.protos("demarche/v1/types.proto")

THREADS = 8
STANCES = {"aligned": types.STANCE_ALIGNED, "neutral": types.STANCE_NEUTRAL, "opposed": types.STANCE_OPPOSED}


def code_of(party):
    return party.region_code or party.bloc_code or None


def party(code):
    return types.Party(region_code=code)


def target_of(code):
    return types.Target(issue="") if code == peer.ISSUE else types.Target(party=party(code))


def row(text, found):
    _, target, stance, confidence, chances, (start, end) = found
    return types.StanceRow(
        target=target_of(target),
        stance=STANCES[stance],
        scores=types.Scores(aligned=chances[1], neutral=chances[2], opposed=chances[3]),
        confidence=confidence,
        evidence=[types.Evidence(text=text[start:end], start_offset=start, end_offset=end)],
    )


class Stances(services.StanceServiceServicer):
    def __init__(self, path):
        self.peer = peer.load(path)

    def answer(self, request):
        text = request.article.text
        by_holder = {}
        for found in self.peer.rows(text, code_of(request.article.speaker)):
            by_holder.setdefault(found[0], []).append(row(text, found))
        countries = [types.CountryStances(party=party(code), stances=rows) for code, rows in by_holder.items()]
        return messages.ClassifyResponse(countries=countries)

    def Classify(self, request, context):
        return self.answer(request)

    def StreamClassify(self, requests, context):
        for request in requests:
            yield messages.StreamClassifyResponse(id=request.id, response=self.answer(request.request))


def serve(path):
    server = grpc.server(concurrent.futures.ThreadPoolExecutor(THREADS))
    services.add_StanceServiceServicer_to_server(Stances(path), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(f"the peer is listening on 127.0.0.1:{port}", flush=True)
    sys.stdin.read()
    server.stop(None)


def serve_by(processes, path):
    command = [sys.executable, os.path.abspath(__file__), path, "1"]
    children = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(processes)]
    addresses = [child.stdout.readline().split()[-1] for child in children]
    print(f"the peers are listening on {','.join(addresses)}", flush=True)
    for child in children:
        child.wait()


def main():
    path = sys.argv[1]
    processes = int(sys.argv[2]) if len(sys.argv) > 2 else os.cpu_count()
    serve(path) if processes == 1 else serve_by(processes, path)


main()
