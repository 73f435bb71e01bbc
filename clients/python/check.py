#!/usr/bin/env python3
"""Checks a running demarche server from Python, with no generated code.

usage: check.py ADDR [ARTICLE.json] [--expect-rows N]

ARTICLE.json: {"text"[,"title","date","issue","language"]}, or a JSONL file of which the first line is read.
Needs: grpcio grpcio-reflection grpcio-health-checking grpcio-status googleapis-common-protos
Exit code: 0 if everything is as the contract says, 1 with a line that says what is not, 2 for wrong usage.
"""

import argparse
import json
import sys

import grpc
from google.protobuf import descriptor_pool, message_factory
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from grpc_status import rpc_status

STANCES, MODELS = "demarche.v1.StanceService", "demarche.v1.ModelService"
TIMEOUT = 20  # seconds a call may take
# The first word is there because one code point of it is four bytes and two UTF-16 units.
DEFAULT = {
    "text": "😀 “China condemns the sanctions of the United States,” the foreign ministry said in Beijing. "
    "Côte d’Ivoire said it remained neutral in the dispute.",
    "date": "2023-08-08",
}


class Unexpected(Exception):
    """Something is not as the contract says."""


def expect(condition, message):
    if not condition:
        raise Unexpected(message)


def send_all(channel, path, requests, answer):
    """All answers of a stream of requests, by id."""
    call = channel.stream_stream(
        path,
        request_serializer=lambda message: message.SerializeToString(),
        response_deserializer=answer.FromString,
    )
    return {message.id: message for message in call(iter(requests), timeout=TIMEOUT)}


class Server:
    """The services behind an address, as reflection describes them."""

    def __init__(self, channel):
        self.channel = channel
        self.reflected = ProtoReflectionDescriptorDatabase(channel)
        self.pool = descriptor_pool.DescriptorPool(self.reflected)

    def services(self):
        return set(self.reflected.get_services())

    def messages(self, service, method):
        found = self.pool.FindServiceByName(service).methods_by_name[method]
        return map(message_factory.GetMessageClass, (found.input_type, found.output_type))

    def call(self, service, method, **fields):
        request_class, answer = self.messages(service, method)
        request = request_class(**fields)
        call = self.channel.unary_unary(
            f"/{service}/{method}",
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=answer.FromString,
        )
        return call(request, timeout=TIMEOUT)

    def enum_name(self, enum, number):
        return self.pool.FindEnumTypeByName(f"demarche.v1.{enum}").values_by_number[number].name


def code(party):
    return party.region_code or party.bloc_code


def check_services(server):
    missing = {STANCES, MODELS, "grpc.health.v1.Health"} - server.services()
    expect(not missing, f"reflection does not list {sorted(missing)}")
    print("reflection:", ", ".join(sorted(server.services())))


def check_health(channel):
    stub = health_pb2_grpc.HealthStub(channel)
    for service in ("", STANCES, MODELS):
        status = stub.Check(health_pb2.HealthCheckRequest(service=service), timeout=TIMEOUT).status
        name = health_pb2.HealthCheckResponse.ServingStatus.Name(status)
        expect(name == "SERVING", f"health of {service!r} is {name}")
    print("health: SERVING")


def check_span(text, name, span):
    expect(
        span.start_offset < span.end_offset <= len(text),
        f"{name} {span.start_offset}..{span.end_offset} is no part of the text",
    )


def check_row(server, text, holder, row):
    total = row.scores.aligned + row.scores.neutral + row.scores.opposed
    expect(abs(total - 1) < 1e-6, f"the scores of {holder} sum to {total}")
    expect(0 <= row.confidence <= 1, f"the confidence of {holder} is {row.confidence}")
    expect(row.evidence, f"a row of {holder} has no evidence")
    for evidence in row.evidence:
        found = text[evidence.start_offset : evidence.end_offset]
        expect(found == evidence.text, f"evidence {evidence.text!r} is not the text at its offsets, {found!r}")
        for part in ("cue", "holder", "target"):
            if evidence.HasField(part):
                check_span(text, part, getattr(evidence, part))
    target = row.target.issue or code(row.target.party)
    stance, voice = server.enum_name("Stance", row.stance), server.enum_name("Voice", row.voice)
    print(f"  {holder:>4} {stance} -> {target} {row.confidence:.2f} {voice}: {row.evidence[0].text}")


def check_article(server, article, expected):
    text = article["text"]
    fields = {
        "title": article.get("title"),
        "text": text,
        "publish_date": article.get("date"),
        "language_code": article.get("language"),
    }
    fields = {name: value for name, value in fields.items() if value}
    encoding = server.pool.FindEnumTypeByName("demarche.v1.OffsetEncoding")
    code_points = encoding.values_by_name["OFFSET_ENCODING_CODE_POINT"].number
    answer = server.call(
        STANCES, "Classify", article=fields, issue=article.get("issue") or "", offset_encoding=code_points
    )
    rows = [(code(country.party), row) for country in answer.countries for row in country.stances]
    print(f"model {answer.model.name!r} {answer.model.version}, issue {answer.issue!r}: {len(rows)} rows")
    for holder, row in rows:
        check_row(server, text, holder, row)
    print("  mentioned without a stance:", ", ".join(code(m.party) for m in answer.mentioned) or "nobody")
    expect(len(rows) >= expected, f"{len(rows)} rows came, at least {expected} were expected")
    known = server.call(MODELS, "GetModel").model
    expect(known == answer.model, f"GetModel tells of {known}, the answer of {answer.model}")


def check_many(server, article):
    """A good and an empty article, in a batch and in a stream: an answer and an error, each in its place."""
    good, empty = {"article": {"text": article["text"]}}, {"article": {"text": ""}}
    results = server.call(STANCES, "BatchClassify", requests=[good, empty]).results
    request, answer = server.messages(STANCES, "StreamClassify")
    requests = [request(id="good", request=good), request(id="empty", request=empty)]
    streamed = send_all(server.channel, f"/{STANCES}/StreamClassify", requests, answer)
    expect(set(streamed) == {"good", "empty"}, f"the stream answered {sorted(streamed)}")
    for name, first, second in (("batch", *results), ("stream", streamed["good"], streamed["empty"])):
        expect(first.HasField("response"), f"{name}: the good article got {first.error}")
        expect(second.error.reason == "TEXT_EMPTY", f"{name}: the empty article got {second}")
    expect(results[0].response == streamed["good"].response, "batch and stream answer differently")
    listed = server.call(MODELS, "ListModels").models
    current = [one.model for one in listed if one.current]
    expect(current == [streamed["good"].response.model], f"ListModels says that {current} answer")
    print(f"batch and stream: an answer and an error each; {len(listed)} models listed")


def check_error(server):
    """An empty text and an unknown enum number: both fields must be told, with the reason of the first."""
    try:
        server.call(STANCES, "Classify", article={"text": " "}, offset_encoding=99)
    except grpc.RpcError as error:
        status = rpc_status.from_call(error)
    else:
        raise Unexpected("a text of white space was answered")
    expect(status is not None, "the error carries no details")
    expect(status.code == grpc.StatusCode.INVALID_ARGUMENT.value[0], f"the error's code is {status.code}")
    info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
    for message in (info, bad):
        expect(any(detail.Unpack(message) for detail in status.details), f"the error has no {message.DESCRIPTOR.name}")
    expect((info.domain, info.reason) == ("demarche.dev", "TEXT_EMPTY"), f"ErrorInfo is {info.domain} {info.reason}")
    fields = [violation.field for violation in bad.field_violations]
    expect(fields == ["article.text", "offset_encoding"], f"BadRequest blames {fields}")
    print(f"error: {info.reason}, {status.message}")


def read_article(path):
    with open(path, encoding="utf-8") as file:
        content = file.read()
    try:
        article = json.loads(content)
    except json.JSONDecodeError:
        article = json.loads(content.splitlines()[0])
    expect(isinstance(article, dict) and isinstance(article.get("text"), str), f"{path} holds no object with a text")
    return article


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("address", help="where the server listens: 127.0.0.1:50051")
    parser.add_argument("article", nargs="?", help="a JSON file; without it a built-in text")
    parser.add_argument("--expect-rows", type=int, default=0, metavar="N", help="fewer rows than this are a failure")
    arguments = parser.parse_args()
    try:
        article = read_article(arguments.article) if arguments.article else DEFAULT
        with grpc.insecure_channel(arguments.address) as channel:
            grpc.channel_ready_future(channel).result(timeout=TIMEOUT)
            server = Server(channel)
            check_services(server)
            check_health(channel)
            check_article(server, article, arguments.expect_rows)
            check_many(server, article)
            check_error(server)
    except grpc.FutureTimeoutError:
        sys.exit(f"check.py: nobody answers at {arguments.address}")
    except grpc.RpcError as error:
        sys.exit(f"check.py: a call failed: {error.code().name}: {error.details()}")
    except (Unexpected, OSError, ValueError, IndexError) as error:
        sys.exit(f"check.py: {error}")
    print("all as expected")


if __name__ == "__main__":
    main()
