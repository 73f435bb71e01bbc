//! Many articles in one call, as callers meet them: batches and streams over a socket. Order, errors by
//! item, bounds, turns, deadlines, and what becomes of a stream when somebody leaves.

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, Instant};

use demarche::proto::stance_service_client::StanceServiceClient;
use demarche::proto::stream_classify_response::Result as Answer;
use demarche::proto::{
    BatchClassifyRequest, ClassifyError, ClassifyRequest, StreamClassifyRequest, StreamClassifyResponse,
    classify_result,
};
use demarche::server::ServerConfig;
use support::{Server, request};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status, Streaming};
use tonic_types::StatusExt;

/// Far longer than anything here may take, so that nothing passes by the drain's bound.
const DRAIN: Duration = Duration::from_mins(2);
/// For what should be there at once, on a machine that does much else.
const SOON: Duration = Duration::from_secs(30);
const TEXT: &str = "China condemned the sanctions of the United States. Beijing said that it would answer them.";

/// Few slots and no queue, so that the bounds are met soon.
fn tight() -> ServerConfig {
    ServerConfig { workers: 1, waiting: 0, streams: 1, drain: DRAIN, ..ServerConfig::default() }
}

/// A text that takes a while: thousands of sentences, each with a candidate.
fn long() -> ClassifyRequest {
    request(&TEXT.repeat(2_000))
}

fn french() -> ClassifyRequest {
    request(
        "La Chine a condamné mardi les sanctions américaines contre la Russie. Le ministère des Affaires étrangères \
             a appelé toutes les parties à la retenue.",
    )
}

fn of_model(name: &str) -> ClassifyRequest {
    ClassifyRequest { model_name: name.to_owned(), ..request(TEXT) }
}

fn message(id: &str, request: ClassifyRequest) -> StreamClassifyRequest {
    StreamClassifyRequest { id: id.to_owned(), request: Some(request) }
}

fn error(answer: StreamClassifyResponse) -> ClassifyError {
    match answer.result {
        Some(Answer::Error(error)) => error,
        other => panic!("{}: expected an error, got {other:?}", answer.id),
    }
}

fn reason(status: &Status) -> String {
    status.get_error_details().error_info().unwrap_or_else(|| panic!("no ErrorInfo: {status:?}")).reason.clone()
}

/// A stream to which the test sends, one message ahead of the server.
async fn open(server: &Server) -> (mpsc::Sender<StreamClassifyRequest>, Streaming<StreamClassifyResponse>) {
    let (send, messages) = mpsc::channel(1);
    let answers = server.stances().await.stream_classify(ReceiverStream::new(messages)).await.expect("a stream");
    (send, answers.into_inner())
}

async fn next(answers: &mut Streaming<StreamClassifyResponse>) -> Result<Option<StreamClassifyResponse>, Status> {
    timeout(SOON, answers.message()).await.expect("the stream says nothing")
}

#[tokio::test]
async fn a_batch_keeps_its_order_and_errors_stay_with_their_item() {
    let server = Server::start(DRAIN).await;
    let mut client = server.stances().await;
    let mut bad = request(TEXT);
    bad.min_confidence = 2.0;
    bad.offset_encoding = 9;
    let requests = vec![long(), request(TEXT), request(""), french(), of_model("none"), bad, of_model("default")];
    let batch = BatchClassifyRequest { requests: requests.clone() };
    let results = client.batch_classify(batch).await.expect("a batch").into_inner().results;
    assert_eq!(results.len(), requests.len());
    for (index, (request, result)) in requests.into_iter().zip(results).enumerate() {
        match (client.classify(request).await, result.result.expect("either")) {
            (Ok(alone), classify_result::Result::Response(response)) => assert_eq!(alone.into_inner(), response),
            (Err(status), classify_result::Result::Error(error)) => same_error(&status, &error),
            (alone, batched) => panic!("item {index}: {alone:?} alone, {batched:?} in a batch"),
        }
    }
}

/// An item's error says what the status of a single call says.
fn same_error(status: &Status, error: &ClassifyError) {
    let details = status.get_error_details();
    let info = details.error_info().expect("ErrorInfo");
    assert_eq!((Code::from(error.code), &*error.message), (status.code(), status.message()));
    assert_eq!((&error.reason, &error.metadata), (&info.reason, &info.metadata));
    let alone = details.bad_request().map_or(&[][..], |bad| &bad.field_violations);
    let alone: Vec<_> = alone.iter().map(|v| (&v.field, &v.reason, &v.description)).collect();
    let item: Vec<_> = error.field_violations.iter().map(|v| (&v.field, &v.reason, &v.description)).collect();
    assert_eq!(item, alone);
}

#[tokio::test]
async fn a_batch_is_bounded() {
    let server = Server::start(DRAIN).await;
    let mut client = server.stances().await;
    let table = [
        ("none", vec![], Some("REQUIRED")),
        ("256", vec![request("China."); 256], None),
        ("257", vec![request("China."); 257], Some("TOO_MANY")),
        ("3 MiB", vec![request(&"x".repeat(200_000)); 16], Some("TOO_LARGE")),
    ];
    for (name, requests, want) in table {
        let count = requests.len();
        match (client.batch_classify(BatchClassifyRequest { requests }).await, want) {
            (Ok(answer), None) => assert_eq!(answer.into_inner().results.len(), count, "{name}"),
            (Err(status), Some(want)) => {
                assert_eq!((status.code(), &*reason(&status)), (Code::InvalidArgument, want), "{name}");
                let details = status.get_error_details();
                assert_eq!(details.bad_request().expect("BadRequest").field_violations[0].field, "requests", "{name}");
            }
            (answer, want) => panic!("{name}: {answer:?}, expected {want:?}"),
        }
    }
}

#[tokio::test]
async fn a_stream_answers_every_message_by_its_id() {
    let server = Server::start(DRAIN).await;
    let too_long = "é".repeat(257);
    let messages = vec![
        message("twice", request(TEXT)),
        message("empty", request(" ")),
        message("twice", request(TEXT)),
        message("", request(TEXT)),
        message(&too_long, request(TEXT)),
        StreamClassifyRequest { id: "nothing".to_owned(), request: None },
        message("french", french()),
        message("model", of_model("none")),
        message("last", request(TEXT)),
    ];
    let answers = server.stances().await.stream_classify(tokio_stream::iter(messages)).await.expect("a stream");
    let answers: Vec<_> =
        answers.into_inner().map(|answer| answer.expect("no bad item ends the stream")).collect().await;
    let mut found: Vec<(String, String)> = answers
        .into_iter()
        .map(|answer| match &answer.result {
            Some(Answer::Response(response)) => (answer.id, response.model.clone().expect("a model").name),
            _ => (answer.id.clone(), error(answer).reason),
        })
        .collect();
    found.sort();
    let mut want = [
        ("", "default"),
        ("empty", "TEXT_EMPTY"),
        ("french", "LANGUAGE_UNSUPPORTED"),
        ("last", "default"),
        ("model", "MODEL_NOT_FOUND"),
        ("nothing", "REQUIRED"),
        ("twice", "default"),
        ("twice", "default"),
        (&*too_long, "TOO_LONG"),
    ]
    .map(|(id, what)| (id.to_owned(), what.to_owned()));
    want.sort();
    assert_eq!(found, want);
}

#[tokio::test]
async fn a_short_article_overtakes_a_long_one() {
    let server = Server::start_with(ServerConfig { workers: 2, ..tight() }).await;
    let messages = vec![message("long", long()), message("short", request(TEXT))];
    let answers = server.stances().await.stream_classify(tokio_stream::iter(messages)).await.expect("a stream");
    let ids: Vec<_> = answers.into_inner().map(|answer| answer.expect("an answer").id).collect().await;
    assert_eq!(ids, ["short", "long"]);
}

#[tokio::test]
async fn a_slow_reader_halts_its_sender_and_nobody_else() {
    const ALL: usize = 20_000;
    let server = Server::start_with(ServerConfig { streams: 2, waiting: 16, ..tight() }).await;
    // A window as small as the protocol's own: what fits into it may be answered unread.
    let endpoint = Endpoint::from_shared(format!("http://{}", server.address)).expect("an address");
    let channel = endpoint.initial_stream_window_size(65_535).connect().await.expect("a connection");
    let sent = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&sent);
    let explained = ClassifyRequest { explain: true, ..request(&TEXT.repeat(40)) };
    let messages = tokio_stream::iter(0..ALL).map(move |index| {
        counted.fetch_add(1, SeqCst);
        message(&index.to_string(), explained.clone())
    });
    let answers = StanceServiceClient::new(channel).stream_classify(messages).await.expect("a stream");
    let mut answers = answers.into_inner();
    let halted = stands_still(&sent).await;
    assert!(halted < ALL / 10, "{halted} of {ALL} messages were taken though no answer was read");
    let mut other = server.stances().await;
    timeout(SOON, other.classify(request(TEXT))).await.expect("a slow reader halted others").expect("an answer");
    for _ in 0..halted {
        next(&mut answers).await.expect("an answer").expect("the stream goes on");
    }
    assert!(sent.load(SeqCst) > halted, "reading did not let the sender go on");
}

/// The count once it has not grown for a second.
async fn stands_still(count: &AtomicUsize) -> usize {
    let started = Instant::now();
    let mut last = 0;
    loop {
        sleep(Duration::from_secs(1)).await;
        let now = count.load(SeqCst);
        if now == last && now > 0 {
            return now;
        }
        assert!(started.elapsed() < SOON, "the sender was never halted");
        last = now;
    }
}

#[tokio::test]
async fn a_stream_takes_turns_with_calls_and_other_streams_are_counted() {
    let server = Server::start_with(tight()).await;
    let endless = tokio_stream::iter(0..).map(|index: usize| message(&index.to_string(), request(&TEXT.repeat(200))));
    let answers = server.stances().await.stream_classify(endless).await.expect("a stream");
    let mut answers = answers.into_inner();
    let reading = tokio::spawn(async move { while next(&mut answers).await.expect("an answer").is_some() {} });
    let mut client = server.stances().await;
    for _ in 0..5 {
        // No queue: a call is turned away unless a place is kept for it beside the stream.
        let answered = timeout(SOON, client.classify(request(TEXT))).await.expect("a stream took every turn");
        answered.expect("an answer");
    }
    let status = client.stream_classify(tokio_stream::pending()).await.expect_err("a second stream");
    assert_eq!((status.code(), &*reason(&status)), (Code::ResourceExhausted, "OVERLOADED"));
    assert!(status.get_error_details().retry_info().is_some());
    reading.abort();
}

#[tokio::test]
async fn a_deadline_ends_a_batch_and_a_stream_and_frees_their_places() {
    let server = Server::start_with(tight()).await;
    let mut client = server.stances().await;
    let deadline = Duration::from_millis(100);
    let bounded = |started: Instant, status: &Status| {
        assert_eq!((status.code(), &*reason(status)), (Code::DeadlineExceeded, "DEADLINE_EXCEEDED"), "{status:?}");
        assert!(started.elapsed() < deadline + Duration::from_secs(5), "after {:?}", started.elapsed());
    };
    // The client's own clock, which gives no ErrorInfo, may strike first on a machine that does much else.
    for attempt in 1.. {
        let started = Instant::now();
        let mut batch = tonic::Request::new(BatchClassifyRequest { requests: vec![request(&TEXT.repeat(120)); 256] });
        batch.set_timeout(deadline);
        let status = client.batch_classify(batch).await.expect_err("256 long articles");
        let is_told = attempt == 5 || status.get_error_details().error_info().is_some();
        if is_told {
            bounded(started, &status);
        }
        free(&server).await;
        if is_told {
            break;
        }
    }

    for (name, count) in [("idle", 0), ("busy", 1_000_000)] {
        let started = Instant::now();
        let messages = tokio_stream::iter(0..count).map(|index| message(&format!("{index}"), long()));
        let mut stream = tonic::Request::new(messages.chain(tokio_stream::pending()));
        stream.set_timeout(deadline);
        let mut answers = client.stream_classify(stream).await.expect(name).into_inner();
        let status = loop {
            match next(&mut answers).await {
                Ok(answer) => assert!(answer.is_some(), "{name}: ended without a status"),
                Err(status) => break status,
            }
        };
        bounded(started, &status);
        free(&server).await;
    }
}

#[tokio::test]
async fn a_caller_who_leaves_gives_the_places_back() {
    let server = Server::start_with(tight()).await;
    let (sender, answers) = open(&server).await;
    for id in ["first", "second"] {
        sender.send(message(id, long())).await.expect("the stream is open");
    }
    let mut client = server.stances().await;
    let leaving = client.batch_classify(BatchClassifyRequest { requests: vec![request(&TEXT.repeat(120)); 256] });
    assert!(timeout(Duration::from_millis(50), leaving).await.is_err(), "the batch was not long enough");
    drop((sender, answers));
    free(&server).await;

    // A connection that is lost, with its process as it were.
    let lost = tokio::runtime::Runtime::new().expect("threads");
    let address = server.address;
    let opened = lost.spawn(async move {
        let mut client = StanceServiceClient::connect(format!("http://{address}")).await.expect("a connection");
        let endless = tokio_stream::iter(0..).map(|index: usize| message(&index.to_string(), long()));
        let mut answers = client.stream_classify(endless).await.expect("a stream").into_inner();
        answers.message().await.expect("an answer").expect("an answer")
    });
    timeout(SOON, opened).await.expect("no answer").expect("no panic");
    lost.shutdown_background();
    free(&server).await;
}

/// Waits until a call and a stream have a place, which a server with one of each must give.
async fn free(server: &Server) {
    let mut client = server.stances().await;
    let freed = async {
        while client.classify(request(TEXT)).await.is_err() {
            sleep(Duration::from_millis(10)).await;
        }
        while client.stream_classify(tokio_stream::empty()).await.is_err() {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(SOON, freed).await.expect("a place was not given back");
}

#[tokio::test]
async fn a_stop_answers_what_was_taken_and_ends_the_streams() {
    let server = Server::start(DRAIN).await;
    let (_idle_sender, mut idle) = open(&server).await;
    let (busy_sender, mut busy) = open(&server).await;
    busy_sender.send(message("first", request(TEXT))).await.expect("the stream is open");
    assert_eq!(next(&mut busy).await.expect("an answer").expect("an answer").id, "first");
    busy_sender.send(message("in flight", long())).await.expect("the stream is open");
    sleep(Duration::from_millis(300)).await; // the server has it, and reads it for longer than that
    let ended = server.stop();
    let answer = next(&mut busy).await.expect("what was taken is answered").expect("an answer");
    assert!(matches!(answer.result, Some(Answer::Response(_))), "{answer:?}");
    for (name, stream) in [("busy", &mut busy), ("idle", &mut idle)] {
        let status = next(stream).await.expect_err(name);
        assert_eq!((status.code(), &*reason(&status)), (Code::Unavailable, "SHUTTING_DOWN"), "{name}: {status:?}");
    }
    drop((busy, idle));
    timeout(SOON, ended).await.expect("open streams held up the drain").unwrap().expect("a clean end");
}

#[tokio::test]
async fn the_drain_has_a_bound_for_streams_and_batches_too() {
    let server = Server::start_with(ServerConfig { drain: Duration::ZERO, ..tight() }).await;
    let endless = tokio_stream::iter(0..).map(|index: usize| message(&index.to_string(), long()));
    let answers = server.stances().await.stream_classify(endless).await.expect("a stream");
    let mut answers = answers.into_inner();
    next(&mut answers).await.expect("an answer").expect("an answer");
    let channel: Channel = server.channel().await;
    let batch = tokio::spawn(async move {
        let requests = vec![long(); 15];
        StanceServiceClient::new(channel).batch_classify(BatchClassifyRequest { requests }).await
    });
    let ended = server.stop();
    let mut told = vec![];
    while let Ok(Some(answer)) = next(&mut answers).await {
        told.push(answer);
    }
    assert!(told.iter().any(|answer| matches!(&answer.result, Some(Answer::Error(e)) if e.reason == "SHUTTING_DOWN")));
    timeout(SOON, ended).await.expect("the drain has no bound").unwrap().expect("a clean end");
    batch.await.expect("the call ends").ok();
}
