"""The methods of the contract: path, request and response, for both kinds of channel."""

from __future__ import annotations

from typing import Any

from demarche.v1 import model_service_pb2 as models
from demarche.v1 import stance_service_pb2 as stances


class Methods:
    """The contract's calls on a channel. They are untyped, as gRPC's are; what is above them is typed."""

    def __init__(self, channel: Any) -> None:
        def one(service: str, name: str, response: Any) -> Any:
            return channel.unary_unary(f"/demarche.v1.{service}/{name}", _to_bytes, response.FromString)

        self.classify = one("StanceService", "Classify", stances.ClassifyResponse)
        self.batch = one("StanceService", "BatchClassify", stances.BatchClassifyResponse)
        self.get_model = one("ModelService", "GetModel", models.GetModelResponse)
        self.list_models = one("ModelService", "ListModels", models.ListModelsResponse)
        self.stream = channel.stream_stream(
            "/demarche.v1.StanceService/StreamClassify", _to_bytes, stances.StreamClassifyResponse.FromString
        )


def _to_bytes(message: Any) -> bytes:
    written: bytes = message.SerializeToString()
    return written
