"""TLS, tokens, addresses, overload; against real servers."""

import asyncio
import re
import subprocess
import threading
import urllib.request

import pytest
import trustme
from conftest import BINARY

import demarche_client as dc

TEXT = "China condemned the sanctions of the United States. "


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A certificate authority, a server's and a client's certificate."""
    folder = tmp_path_factory.mktemp("tls")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    for name in ("localhost", "stance.example", "client"):
        issued = authority.issue_cert(name)
        issued.private_key_pem.write_to_path(folder / f"{name}.key")
        (folder / f"{name}.pem").write_bytes(b"".join(pem.bytes() for pem in issued.cert_chain_pems))
    return folder


def tls_server(start, files, name, *more):
    return start("--tls-certificate", files / f"{name}.pem", "--tls-key", files / f"{name}.key", *more)


def classify_async(address, **options):
    async def call():
        async with dc.AsyncClient(address, **options) as client:
            return await client.classify(TEXT)

    return asyncio.run(call())


def classify_sync(address, **options):
    with dc.Client(address, **options) as client:
        return client.classify(TEXT)


@pytest.mark.parametrize("classify", [classify_sync, classify_async], ids=["sync", "asyncio"])
def test_tls(start, files, classify):
    port = tls_server(start, files, "localhost").address.rpartition(":")[2]
    for address, tls in (
        (f"localhost:{port}", dc.Tls(files / "ca.pem")),
        (f"https://localhost:{port}", dc.Tls(files / "ca.pem")),
    ):
        assert classify(address, tls=tls).rows
    with pytest.raises(dc.Unavailable):  # the public authorities do not know it
        classify(f"https://localhost:{port}", retry=dc.Retry(attempts=1))


def test_a_certificate_of_another_name(start, files):
    addresses = [tls_server(start, files, "stance.example").address for _ in range(2)]
    tls = dc.Tls(files / "ca.pem", server_name="stance.example")
    with dc.Client(addresses, tls=tls) as client:
        assert len(list(client.stream([TEXT] * 20))) == 20
    with pytest.raises(dc.Unavailable):
        classify_sync(addresses[0], tls=dc.Tls(files / "ca.pem"), retry=dc.Retry(attempts=1))


def test_mutual_tls(start, files):
    port = tls_server(start, files, "localhost", "--tls-client-ca", files / "ca.pem").address.rpartition(":")[2]
    known = dc.Tls(files / "ca.pem", files / "client.pem", files / "client.key")
    assert classify_sync(f"localhost:{port}", tls=known).rows
    with pytest.raises(dc.Unavailable):
        classify_sync(f"localhost:{port}", tls=dc.Tls(files / "ca.pem"), retry=dc.Retry(attempts=1))


def test_tokens(start, tmp_path):
    made = subprocess.run([BINARY, "token", "press-desk"], capture_output=True, text=True, check=True)
    (tmp_path / "tokens").write_text(made.stdout)
    server = start("--token-file", tmp_path / "tokens")
    token = made.stderr.strip()
    assert classify_sync(server.address, token=token).rows == classify_async(server.address, token=lambda: token).rows
    with dc.Client(server.address, token=token) as client:
        assert len(list(client.stream([TEXT] * 3))) == 3
    for wrong in (None, "wrong"):
        with pytest.raises(dc.Unauthenticated, match="UNAUTHENTICATED"):
            classify_sync(server.address, token=wrong)
        with dc.Client(server.address, token=wrong) as client, pytest.raises(dc.Unauthenticated):
            list(client.stream([TEXT]))


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("", "no address"),
        ([], "no address"),
        (["one.example:1", "two.example:1"], "'one.example:1' is not IP:PORT"),
        (["127.0.0.1:1", "[::1]:1"], "all addresses are IPv4 or all are IPv6"),
        (["https://127.0.0.1:1", "127.0.0.1:2"], "either all addresses start with https://"),
    ],
)
def test_addresses_that_cannot_be(address, told):
    with pytest.raises(ValueError, match=re.escape(told)):
        dc.Client(address)


@pytest.mark.parametrize("wrong", [{"attempts": 0}, {"first": 0}, {"first": 2, "longest": 1}])
def test_retries_that_cannot_be(wrong):
    with pytest.raises(ValueError, match="attempts must be"):
        dc.Retry(**wrong)


def test_a_key_without_its_certificate():
    with pytest.raises(ValueError, match="belong together"):
        dc.Client("localhost:1", tls=dc.Tls(key="client.key"))


def shed(server):
    with urllib.request.urlopen(f"http://{server.admin}/metrics", timeout=20) as page:
        return int(re.search(r"^demarche_shed_total (\d+)", page.read().decode(), re.MULTILINE).group(1))


def test_an_overloaded_server_is_asked_again(start):
    server = start("--workers", 1, "--queue", 0, "--admin-listen", "127.0.0.1:0")
    answers = []
    with dc.Client(server.address, timeout=120, retry=dc.Retry(attempts=1000, first=0.01, longest=0.05)) as client:
        work = [threading.Thread(target=lambda: answers.append(client.classify(TEXT * 200))) for _ in range(8)]
        for thread in work:
            thread.start()
        for thread in work:
            thread.join()
    assert len(answers) == 8
    assert shed(server) > 0, "nothing was turned away, so nothing was shown"


def test_too_many_streams(start):
    """Every stream is turned away with RetryInfo: the client asks as often as it may, and then says so."""
    server = start("--streams", 0, "--admin-listen", "127.0.0.1:0")
    client = dc.Client(server.address, retry=dc.Retry(attempts=3, first=0.01))
    with client, pytest.raises(dc.ResourceExhausted) as raised:
        list(client.stream([TEXT]))
    assert raised.value.reason == "OVERLOADED" and raised.value.retry_after > 0
    assert shed(server) == 3
