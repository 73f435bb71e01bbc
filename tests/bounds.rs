//! Limits to the unit, hostile texts and every error's reason, over a socket. Which field is blamed for what:
//! `tests/rpc.rs`.

mod support;
#[path = "../fuzz/targets/mod.rs"]
mod targets;

use std::time::Duration;

use demarche::proto::stance_service_client::StanceServiceClient;
use demarche::proto::stream_classify_response::Result as Answer;
use demarche::proto::{
    Article, BatchClassifyRequest, ClassifyRequest, ClassifyResponse, OffsetEncoding, Party, StreamClassifyRequest,
    party::Id,
};
use demarche::server::{
    MAX_BATCH, MAX_BATCH_BYTES, MAX_HOLDERS, MAX_ID, MAX_LINE, MAX_TEXT, ServerConfig, issue_token, open_tokens,
};
use prost::Message;
use support::{Server, request};
use tokio_stream::StreamExt;
use tonic::client::Grpc;
use tonic::codec::CompressionEncoding::Gzip;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::Channel;
use tonic::{Code, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;
use tonic_types::StatusExt;

const DRAIN: Duration = Duration::from_secs(10);
const TEXT: &str = "China condemned the sanctions of the United States.";
/// Most bytes of a message.
const MAX_MESSAGE: usize = 4 << 20;

fn reason(status: &Status) -> String {
    let details = status.get_error_details();
    let info = details.error_info().unwrap_or_else(|| panic!("no ErrorInfo: {status:?}"));
    assert_eq!(info.domain, "demarche.dev");
    info.reason.clone()
}

/// A request that has so much of what is limited.
type Sized = fn(usize) -> ClassifyRequest;

fn article(article: Article) -> ClassifyRequest {
    let text = if article.text.is_empty() { TEXT.to_owned() } else { article.text };
    ClassifyRequest { article: Some(Article { text, ..article }), ..ClassifyRequest::default() }
}

#[tokio::test]
async fn limits_of_a_request_hold_to_the_unit() {
    let server = Server::start(DRAIN).await;
    let mut client = server.stances().await;
    let china = || Party { id: Some(Id::RegionCode("CN".to_owned())), ..Party::default() };
    // Letters of two and four bytes: code points are counted.
    let table: [(&str, usize, Sized, &str); 6] = [
        ("text", MAX_TEXT, |size| request(&"é".repeat(size)), "TEXT_TOO_LONG"),
        ("text, wide", MAX_TEXT, |size| request(&"😀".repeat(size)), "TEXT_TOO_LONG"),
        ("title", MAX_LINE, |size| article(Article { title: "é".repeat(size), ..Article::default() }), "TOO_LONG"),
        ("uri", MAX_LINE, |size| article(Article { uri: "é".repeat(size), ..Article::default() }), "TOO_LONG"),
        ("issue", MAX_LINE, |size| ClassifyRequest { issue: "😀".repeat(size), ..request(TEXT) }, "TOO_LONG"),
        ("holders", MAX_HOLDERS, |_| request(TEXT), "TOO_MANY"),
    ];
    for (name, limit, sized, want) in table {
        for size in limit - 1..=limit + 1 {
            let mut asked = sized(size);
            if name == "holders" {
                asked.holders = vec![china(); size];
            }
            match client.classify(asked).await {
                Ok(_) => assert!(size <= limit, "{name}: {size} was answered"),
                Err(status) => {
                    assert!(size > limit, "{name}: {size} was refused: {status:?}");
                    assert_eq!((status.code(), &*reason(&status)), (Code::InvalidArgument, want), "{name}: {size}");
                }
            }
        }
    }
}

#[tokio::test]
async fn limits_of_batches_ids_and_messages_hold_to_the_unit() {
    let server = Server::start(DRAIN).await;
    let mut client = server.stances().await;
    for size in MAX_BATCH - 1..=MAX_BATCH + 1 {
        let answer = client.batch_classify(BatchClassifyRequest { requests: vec![request(" "); size] }).await;
        assert_eq!(answer.as_ref().err().map(reason).as_deref(), (size > MAX_BATCH).then_some("TOO_MANY"), "{size}");
    }
    for size in MAX_BATCH_BYTES - 1..=MAX_BATCH_BYTES + 1 {
        let requests = padded(size, |text| BatchClassifyRequest { requests: vec![text, request(TEXT)] }.encoded_len());
        let answer = client.batch_classify(BatchClassifyRequest { requests: vec![requests, request(TEXT)] }).await;
        let want = (size > MAX_BATCH_BYTES).then_some("TOO_LARGE");
        assert_eq!(answer.as_ref().err().map(reason).as_deref(), want, "{size} bytes");
    }
    for size in MAX_MESSAGE - 1..=MAX_MESSAGE + 1 {
        let status = client.classify(padded(size, |request| request.encoded_len())).await.expect_err("too long");
        let want = if size > MAX_MESSAGE { "MESSAGE_TOO_LARGE" } else { "TEXT_TOO_LONG" };
        assert_eq!(reason(&status), want, "{size} bytes");
    }
    let ids = [MAX_ID - 1, MAX_ID, MAX_ID + 1].map(|size| "é".repeat(size));
    let messages = ids.map(|id| StreamClassifyRequest { id, request: Some(request(TEXT)) });
    let answers = client.stream_classify(tokio_stream::iter(messages)).await.expect("a stream").into_inner();
    let answers: Vec<_> = answers.map(|answer| answer.expect("a bad id ends no stream")).collect().await;
    assert_eq!(answers.len(), 3);
    for answer in answers {
        let refused = matches!(answer.result, Some(Answer::Error(error)) if error.reason == "TOO_LONG");
        assert_eq!(refused, answer.id.chars().count() > MAX_ID);
    }
}

/// A request whose text is as long as brings what holds it to `size` bytes.
fn padded(size: usize, encoded_len: impl Fn(ClassifyRequest) -> usize) -> ClassifyRequest {
    // The length's own length is the same at both.
    let around = encoded_len(request(&"x".repeat(size - 100))) - (size - 100);
    let padded = request(&"x".repeat(size - around));
    assert_eq!(encoded_len(padded.clone()), size);
    padded
}

#[tokio::test]
async fn hostile_texts_are_answered_exactly() {
    let server = Server::start(DRAIN).await;
    let mut client = server.stances().await;
    let countries = ["China", "Russia", "Kenya", "Brazil", "France", "Japan", "Peru", "Norway", "Chad", "India"];
    let countries = countries.iter().cycle().take(10_000).copied().collect::<Vec<_>>();
    let texts = [
        ("10,000 countries", format!("{} condemned Israel. Kenya supports Peru.", countries.join(", "))),
        ("combining marks", format!("e{} China condemned Russia.", "\u{301}".repeat(50_000))),
        (
            "marks on names",
            "Chi\u{301}na condemned Russia\u{301}. Kenya\u{327} supports Peru. China backs Iran.".into(),
        ),
        ("byte-order marks", "\u{feff}China\u{feff} condemned Russia. \u{feff}Kenya supports Peru.".repeat(100)),
        ("wide letters", "😀 China condemned 𝒳 Russia 👨\u{200d}👩\u{200d}👧. Kenya supports Peru 😀.".repeat(100)),
        ("overrides", "\u{202e}China condemned\u{202c} Russia.\u{2028}Kenya supports Peru.".repeat(100)),
        ("lone carriage returns", "China condemned Russia.\rKenya supports\r\nPeru.\r".repeat(100)),
    ];
    let mut rows = 0;
    for (name, text) in texts {
        for encoding in [OffsetEncoding::Utf8, OffsetEncoding::Utf16, OffsetEncoding::CodePoint] {
            let offset_encoding = encoding.into();
            let asked = ClassifyRequest { offset_encoding, explain: true, include_uncounted: true, ..request(&text) };
            let answer = client.classify(asked.clone()).await.unwrap_or_else(|status| panic!("{name}: {status:?}"));
            targets::classify::check(&asked, answer.get_ref());
            rows += answer.get_ref().countries.len();
        }
    }
    assert!(rows > 0, "there was nothing to check");
}

/// Bytes as a message, whatever the method takes.
async fn raw(channel: Channel, path: &'static str, bytes: Vec<u8>) -> Result<ClassifyResponse, Status> {
    let mut client = Grpc::new(channel);
    client.ready().await.map_err(|error| Status::unknown(error.to_string()))?;
    // On the wire bytes are a field 1, which is the article of a request.
    let codec = tonic_prost::ProstCodec::<Vec<u8>, ClassifyResponse>::default();
    let answer = client.unary(tonic::Request::new(bytes), PathAndQuery::from_static(path), codec).await;
    answer.map(tonic::Response::into_inner)
}

/// Every way to be refused that a caller can bring about, each with its code and reason.
/// A stream that nothing is sent on until its deadline.
async fn late_stream(server: &Server) -> Option<Status> {
    let mut late = tonic::Request::new(tokio_stream::pending());
    late.set_timeout(Duration::from_millis(400));
    match server.stances().await.stream_classify(late).await {
        Ok(mut answers) => answers.get_mut().message().await.err(),
        Err(status) => Some(status),
    }
}

#[tokio::test]
async fn every_error_has_its_reason() {
    let server = Server::start(DRAIN).await;
    let (mut client, channel) = (server.stances().await, server.channel().await);
    let mut found: Vec<(&str, Option<Status>)> = vec![];
    found.push(("an empty text", client.classify(request("")).await.err()));
    let french = ClassifyRequest {
        article: Some(Article { text: TEXT.into(), language_code: "fr".into(), ..Article::default() }),
        ..ClassifyRequest::default()
    };
    found.push(("French", client.classify(french).await.err()));
    let other = ClassifyRequest { model_name: "other".to_owned(), ..request(TEXT) };
    found.push(("another model", client.classify(other).await.err()));
    found.push(("a message of 5 MiB", client.classify(request(&"x".repeat(5 << 20))).await.err()));
    let classify = "/demarche.v1.StanceService/Classify";
    found.push(("no message of that kind", raw(channel.clone(), classify, vec![0xff; 8]).await.err()));
    found.push(("no such method", raw(channel.clone(), "/demarche.v1.StanceService/Guess", vec![]).await.err()));
    found.push(("no such service", raw(channel.clone(), "/demarche.v2.StanceService/Classify", vec![]).await.err()));
    let mut packed = client.clone().send_compressed(Gzip);
    found.push(("gzip, switched off", packed.classify(request(TEXT)).await.err()));
    found.push(("a deadline", late_stream(&server).await));
    let unknown = HealthCheckRequest { service: "no.such".to_owned() };
    found.push(("health of nobody", HealthClient::new(channel).check(unknown).await.err()));
    found.push(("a broken stream", broken_stream(&server).await));
    found.push(("a bomb", bomb().await));
    found.push(("no token", without_token().await));
    found.push(("a full queue", full_queue().await));
    found.push(("a stop", stopped().await));
    let want = [
        ("an empty text", Code::InvalidArgument, "TEXT_EMPTY"),
        ("French", Code::Unimplemented, "LANGUAGE_UNSUPPORTED"),
        ("another model", Code::NotFound, "MODEL_NOT_FOUND"),
        ("a message of 5 MiB", Code::OutOfRange, "MESSAGE_TOO_LARGE"),
        ("no message of that kind", Code::Internal, "MESSAGE_MALFORMED"),
        ("no such method", Code::Unimplemented, "METHOD_UNKNOWN"),
        ("no such service", Code::Unimplemented, "METHOD_UNKNOWN"),
        ("gzip, switched off", Code::Unimplemented, "COMPRESSION_UNSUPPORTED"),
        ("a deadline", Code::DeadlineExceeded, "DEADLINE_EXCEEDED"),
        ("health of nobody", Code::NotFound, "SERVICE_UNKNOWN"),
        ("a broken stream", Code::OutOfRange, "MESSAGE_TOO_LARGE"),
        ("a bomb", Code::ResourceExhausted, "MESSAGE_TOO_LARGE"),
        ("no token", Code::Unauthenticated, "UNAUTHENTICATED"),
        ("a full queue", Code::ResourceExhausted, "OVERLOADED"),
        ("a stop", Code::Unavailable, "SHUTTING_DOWN"),
    ];
    for ((name, status), want) in found.into_iter().zip(want) {
        let status = status.unwrap_or_else(|| panic!("{name}: was answered"));
        assert_eq!((name, status.code(), &*reason(&status)), want, "{}", status.message());
    }
}

/// A stream whose second message is too large: the error is in the trailers.
async fn broken_stream(server: &Server) -> Option<Status> {
    let messages = [TEXT.to_owned(), "x".repeat(5 << 20)];
    let messages = messages.map(|text| StreamClassifyRequest { id: String::new(), request: Some(request(&text)) });
    let answers = server.stances().await.stream_classify(tokio_stream::iter(messages)).await;
    let answers: Vec<_> = answers.ok()?.into_inner().collect().await;
    answers.into_iter().find_map(Result::err)
}

async fn bomb() -> Option<Status> {
    let server = Server::start_with(ServerConfig { compression: true, ..ServerConfig::default() }).await;
    let mut client = server.stances().await.send_compressed(Gzip);
    client.classify(request(&"x".repeat(64 << 20))).await.err()
}

async fn without_token() -> Option<Status> {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("tokens");
    std::fs::write(&file, format!("{}\n", issue_token("desk").expect("a token").1)).expect("a file");
    let tokens = Some(std::sync::Arc::new(open_tokens(&file).expect("a file of tokens")));
    let server = Server::start_with(ServerConfig { tokens, ..ServerConfig::default() }).await;
    server.stances().await.classify(request(TEXT)).await.err()
}

async fn full_queue() -> Option<Status> {
    let server = Server::start_with(ServerConfig { workers: 1, waiting: 0, ..ServerConfig::default() }).await;
    first_error(long_calls(&server.stances().await)).await
}

/// Calls of which some still wait when the time to drain is over.
async fn stopped() -> Option<Status> {
    let config = ServerConfig { workers: 1, waiting: 16, drain: Duration::ZERO, ..ServerConfig::default() };
    let server = Server::start_with(config).await;
    let client = server.stances().await;
    let calls = long_calls(&client);
    tokio::time::sleep(Duration::from_millis(100)).await;
    server.stop().await.expect("no panic").expect("a clean end");
    first_error(calls).await
}

type Call = tokio::task::JoinHandle<Result<tonic::Response<ClassifyResponse>, Status>>;

/// Eight calls at once, each of many sentences.
fn long_calls(client: &StanceServiceClient<Channel>) -> Vec<Call> {
    let long = request(&"Kenya supports the plan of Brazil. ".repeat(5_000));
    let call = |mut client: StanceServiceClient<Channel>, request| async move { client.classify(request).await };
    (0..8).map(|_| tokio::spawn(call(client.clone(), long.clone()))).collect()
}

async fn first_error(calls: Vec<Call>) -> Option<Status> {
    let mut first = None;
    for call in calls {
        first = first.or(call.await.expect("no panic").err());
    }
    first
}
