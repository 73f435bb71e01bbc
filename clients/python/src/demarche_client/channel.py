"""How a server is reached: address, TLS, token, balancing, retries. It knows no article.

Calls are balanced by `round_robin` over all addresses that the name stands for. gRPC itself retries calls that
got UNAVAILABLE, by its service config. RESOURCE_EXHAUSTED is retried by `Retry`, since gRPC does not read
RetryInfo; and a stream is mended by `window`, since gRPC cannot retry one that has been answered.
"""

from __future__ import annotations

import ipaddress
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Union

import grpc

from .errors import DemarcheError

Address = Union[str, Sequence[str]]
Token = Union[str, Callable[[], str]]
Options = list[tuple[str, Any]]
Metadata = tuple[tuple[str, str], ...]

# An explained batch has at most 32 MiB of answers; a little more for the frame around them.
MAX_ANSWER_BYTES = 33 * 1024 * 1024
# A silent peer is noticed after these two together.
KEEPALIVE_MS, KEEPALIVE_TIMEOUT_MS = 30_000, 10_000
# gRPC allows no more in its service config.
MAX_ATTEMPTS_OF_GRPC = 5


@dataclass(frozen=True)
class Tls:
    """Files in PEM: whom to trust (None: the public authorities), and for mutual TLS one's own certificate.

    `server_name` is the name in the server's certificate where it differs from the address, as it does where the
    addresses are IPs.
    """

    ca: str | Path | None = None
    certificate: str | Path | None = None
    key: str | Path | None = None
    server_name: str | None = None

    def credentials(self) -> grpc.ChannelCredentials:
        """The files, read."""
        if (self.certificate is None) != (self.key is None):
            raise ValueError("certificate and key belong together: give both or neither")
        ca, key, certificate = (
            None if path is None else Path(path).read_bytes() for path in (self.ca, self.key, self.certificate)
        )
        return grpc.ssl_channel_credentials(ca, key, certificate)


@dataclass(frozen=True)
class Retry:
    """How often and when a request is tried again; classification has no side effects, so it may be.

    `attempts` counts the first one. The pause starts at `first` seconds and doubles up to `longest`, with jitter;
    where the server names a longer one, that holds.
    """

    attempts: int = 5
    first: float = 0.1
    longest: float = 5.0

    def __post_init__(self) -> None:
        if self.attempts < 1 or not 0 < self.first <= self.longest:
            raise ValueError("attempts must be at least 1, and 0 < first <= longest")

    def pause(self, failures: int, error: DemarcheError) -> float:
        """Seconds to wait after so many failures, the last of them `error`."""
        backoff: float = min(self.longest, self.first * 2.0 ** min(failures - 1, 30))
        return max(error.retry_after or 0.0, backoff) * random.uniform(1.0, 1.2)

    def again(self, failures: int, error: DemarcheError) -> float | None:
        """Seconds after which a call is made again that gRPC does not make again itself; None: not at all."""
        overloaded = error.code == "RESOURCE_EXHAUSTED" and error.retry_after is not None
        return self.pause(failures, error) if overloaded and failures < self.attempts else None

    def service_config(self) -> str:
        """gRPC's own settings."""
        config: dict[str, Any] = {"loadBalancingConfig": [{"round_robin": {}}]}
        if self.attempts > 1:
            calls = [{"service": "demarche.v1.StanceService", "method": name} for name in ("Classify", "BatchClassify")]
            policy = {
                "maxAttempts": min(self.attempts, MAX_ATTEMPTS_OF_GRPC),
                "initialBackoff": f"{self.first:.3f}s",
                "maxBackoff": f"{self.longest:.3f}s",
                "backoffMultiplier": 2,
                "retryableStatusCodes": ["UNAVAILABLE"],
            }
            config["methodConfig"] = [
                {"name": [*calls, {"service": "demarche.v1.ModelService"}], "retryPolicy": policy}
            ]
        return json.dumps(config)


@dataclass(frozen=True)
class Endpoint:
    """Where to and how, as both kinds of channel take it. Without credentials the connection is plain."""

    target: str
    addresses: int
    credentials: grpc.ChannelCredentials | None
    options: Options


def endpoint(address: Address, tls: Tls | bool, retry: Retry) -> Endpoint:
    """The endpoint; ValueError for an address that cannot be used, OSError for a file that cannot be read."""
    addresses = [address] if isinstance(address, str) else list(address)
    if not addresses or not all(addresses):
        raise ValueError("no address: give HOST:PORT")
    plain = [one.removeprefix("https://") for one in addresses]
    encrypted = [one.startswith("https://") for one in addresses]
    if any(encrypted) != all(encrypted):
        raise ValueError("either all addresses start with https:// or none does")
    tls = Tls() if tls is True or (all(encrypted) and not tls) else tls
    options: Options = [
        ("grpc.service_config", retry.service_config()),
        ("grpc.max_receive_message_length", MAX_ANSWER_BYTES),
        ("grpc.keepalive_time_ms", KEEPALIVE_MS),
        ("grpc.keepalive_timeout_ms", KEEPALIVE_TIMEOUT_MS),
        ("grpc.initial_reconnect_backoff_ms", int(retry.first * 1000)),
        ("grpc.min_reconnect_backoff_ms", int(retry.first * 1000)),
        ("grpc.max_reconnect_backoff_ms", int(retry.longest * 1000)),
    ]
    name = tls.server_name if tls else None
    if name:
        options.append(("grpc.ssl_target_name_override", name))
    if name or len(plain) > 1:
        # Of several addresses gRPC would send the whole list as the authority, which a server refuses as malformed.
        options.append(("grpc.default_authority", name or plain[0]))
    return Endpoint(_target(plain), len(plain), tls.credentials() if tls else None, options)


def metadata(token: Token | None) -> Metadata:
    """The headers of a call. A callable token is asked each time, so that it may change."""
    if token is None:
        return ()
    return (("authorization", f"Bearer {token() if callable(token) else token}"),)


def _target(addresses: list[str]) -> str:
    """gRPC takes one name, which may stand for several addresses, or several IPs of one version."""
    if len(addresses) == 1:
        return addresses[0]
    versions = {_ip_version(address) for address in addresses}
    if len(versions) != 1:
        raise ValueError(f"either all addresses are IPv4 or all are IPv6: {', '.join(addresses)}")
    return f"ipv{versions.pop()}:{','.join(addresses)}"


def _ip_version(address: str) -> int:
    host, colon, _ = address.rpartition(":")
    try:
        return ipaddress.ip_address(host.strip("[]") if colon else "").version
    except ValueError:
        raise ValueError(
            f"{address!r} is not IP:PORT. Several addresses must be; one name may stand for several by DNS"
        ) from None
