#!/usr/bin/env python3
"""Makes the stubs in src/demarche/v1 from the contract, or says whether they are as the contract makes them.

usage: generate.py [--check]

Needs: grpcio-tools==1.72.2. Stubs load with the protobuf they are of (6.30) and later ones, so an old one serves most.
Exit code: 0, or 1 if --check finds that a stub differs.
"""

import pathlib
import sys
import tempfile

from grpc_tools import protoc

HERE = pathlib.Path(__file__).parent
PROTO, STUBS = HERE.parents[1] / "proto", HERE / "src"
FOLDER = "demarche/v1"


def generate(output):
    files = sorted(str(path) for path in (PROTO / FOLDER).glob("*.proto"))
    code = protoc.main(["protoc", f"-I{PROTO}", f"--python_out={output}", f"--pyi_out={output}", *files])
    if code != 0:
        sys.exit("generate.py: the contract does not compile")


def stubs(folder):
    return {path.name: path.read_text("utf-8") for path in (folder / FOLDER).glob("*_pb2.py*")}


def main():
    if sys.argv[1:] == []:
        generate(STUBS)
    elif sys.argv[1:] == ["--check"]:
        with tempfile.TemporaryDirectory() as scratch:
            generate(scratch)
            made, kept = stubs(pathlib.Path(scratch)), stubs(STUBS)
        different = sorted(name for name in {*made, *kept} if made.get(name) != kept.get(name))
        if different:
            sys.exit(f"generate.py: not as the contract makes them: {', '.join(different)}. Run generate.py")
        print(f"{len(kept)} stubs are as the contract makes them")
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
