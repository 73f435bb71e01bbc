"""The bookkeeping of a stream, for what real servers do too seldom to wait for."""

import pytest

from demarche.v1 import stance_service_pb2 as pb
from demarche_client import Article, Retry, Unavailable
from demarche_client.errors import error
from demarche_client.window import Window

BROKEN = error("UNAVAILABLE", "gone")


def window(count, lanes=1, attempts=3):
    made = Window({}, lanes, 10, True, Retry(attempts=attempts, first=1.0, longest=1.0))
    for number in range(count):
        made.add(Article(f"text {number}"))
    return made


def sent(made, now):
    return [int(message.id) for _, message in made.to_send(now)]


def refusal(number, retry_after_ms):
    failed = pb.ClassifyError(code=14, reason="SHUTTING_DOWN", message="later", retry_after_ms=retry_after_ms)
    return pb.StreamClassifyResponse(id=str(number), error=failed)


def answer(number):
    return pb.StreamClassifyResponse(id=str(number), response=pb.ClassifyResponse())


def test_an_article_that_may_be_tried_again_is_after_its_pause():
    made = window(1)
    assert sent(made, 0.0) == [0]
    overloaded = refusal(0, 2000)
    overloaded.error.code = 8
    made.received(made.lanes[0], overloaded, 0.0)
    assert sent(made, 1.9) == [] and made.next_change() >= 2.0
    assert sent(made, 2.5) == [0]
    made.received(made.lanes[0], answer(0), 3.0)
    assert [result.error for result in made.results()] == [None] and made.empty


def test_an_article_is_tried_so_often_and_no_more():
    made = window(1)
    for now in (0.0, 10.0, 20.0):
        assert sent(made, now) == [0]
        made.received(made.lanes[0], refusal(0, 1), now)
    assert sent(made, 30.0) == []
    assert [result.error.reason for result in made.results()] == ["SHUTTING_DOWN"]


def test_one_that_would_fail_again_is_not_tried_again():
    made = window(1)
    assert sent(made, 0.0) == [0]
    made.received(made.lanes[0], refusal(0, 0), 0.0)
    assert len(list(made.results())) == 1


def test_what_a_broken_lane_did_not_answer_goes_to_another():
    made = window(4, lanes=2)
    lanes = {int(message.id): lane for lane, message in made.to_send(0.0)}
    assert lanes[0] is lanes[2] and lanes[1] is lanes[3] and lanes[0] is not lanes[1]
    made.received(lanes[0], answer(0), 0.0)
    made.broke(lanes[0], BROKEN, 0.0)
    again = list(made.to_send(0.0))
    assert [(lane, message.id) for lane, message in again] == [(lanes[1], "2")]


def test_an_article_that_ends_servers_does_not_go_round_for_ever():
    """Others are answered on each call, and then it breaks on the first."""
    made = window(1)
    failed = []
    for now in (0.0, 10.0, 20.0):
        made.add(Article("another"))
        for lane, message in list(made.to_send(now)):
            if message.id != "0":
                made.received(lane, answer(message.id), now)
        made.broke(made.lanes[0], BROKEN, now)
        failed += [result.index for result in made.results() if result.error]
    assert failed == [0] and made.empty


def test_servers_that_answer_nothing_end_the_stream():
    made = window(1, lanes=2, attempts=2)
    with pytest.raises(Unavailable):
        for now in range(0, 100, 10):
            for lane, _ in list(made.to_send(now)):
                made.broke(lane, BROKEN, now)
    assert now == 30  # two lanes, two attempts each


def test_what_will_not_pass_ends_the_stream_at_once():
    made = window(1)
    (lane, _), *_ = list(made.to_send(0.0))
    with pytest.raises(Exception, match="INTERNAL"):
        made.broke(lane, error("INTERNAL", "a fault"), 0.0)
