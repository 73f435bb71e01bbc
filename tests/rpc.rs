//! The server as its callers meet it: over a socket, by generated clients. What a stance is, is not
//! tested here.

mod support;

use std::time::{Duration, Instant};

use demarche::proto::model_service_client::ModelServiceClient;
use demarche::proto::{Article, ClassifyRequest, ClassifyResponse, GetModelRequest, Party, party::Id};
use prost::Message;
use support::{Server, request};
use tokio::time::timeout;
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::Channel;
use tonic::{Code, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_types::StatusExt;

const DRAIN: Duration = Duration::from_secs(10);
const TEXT: &str = "China condemned the sanctions of the United States. Beijing said that it would answer them.";
const SERVICES: [&str; 3] = ["", "demarche.v1.StanceService", "demarche.v1.ModelService"];

#[tokio::test]
async fn classifies_and_tells_the_model() {
    let server = Server::start(DRAIN).await;
    let answer = server.stances().await.classify(request(TEXT)).await.expect("an answer").into_inner();
    let model = answer.model.expect("every answer tells its model");
    let mut models = ModelServiceClient::new(server.channel().await);
    let info = models.get_model(GetModelRequest::default()).await.expect("the model").into_inner();
    assert_eq!(info.model, Some(model.clone()));
    models.get_model(GetModelRequest { name: model.name, ..Default::default() }).await.expect("the model by its name");
    let status = models
        .get_model(GetModelRequest { name: "no-such".to_owned(), ..Default::default() })
        .await
        .expect_err("another name");
    assert_eq!((status.code(), reason(&status).as_str()), (Code::NotFound, "MODEL_NOT_FOUND"));
}

#[tokio::test]
async fn refuses_bad_fields_by_path_and_reason() {
    let server = Server::start(DRAIN).await;
    let mut client = server.stances().await;
    for (name, change, path, want) in bad_fields() {
        let mut bad = request(TEXT);
        change(&mut bad);
        let Err(status) = client.classify(bad).await else { panic!("{name}: was answered") };
        assert_eq!(status.code(), Code::InvalidArgument, "{name}: {status:?}");
        assert_eq!(reason(&status), want, "{name}: {}", status.message());
        assert_eq!(paths(&status), [path], "{name}: {}", status.message());
    }
}

type Change = fn(&mut ClassifyRequest);

/// Name, how a good request is spoilt, the path that must be blamed, the reason that must be given.
fn bad_fields() -> Vec<(&'static str, Change, &'static str, &'static str)> {
    vec![
        ("no article", |r| r.article = None, "article", "REQUIRED"),
        ("empty text", |r| text(r, ""), "article.text", "TEXT_EMPTY"),
        ("only white space", |r| text(r, " \r\n\t\u{a0}\u{3000}"), "article.text", "TEXT_EMPTY"),
        ("200,001 letters", |r| text(r, &"é".repeat(200_001)), "article.text", "TEXT_TOO_LONG"),
        ("2,001 in title", |r| article(r).title = "t".repeat(2_001), "article.title", "TOO_LONG"),
        ("2,001 in uri", |r| article(r).uri = "u".repeat(2_001), "article.uri", "TOO_LONG"),
        ("issue of 10,000", |r| r.issue = "i".repeat(10_000), "issue", "TOO_LONG"),
        ("year 9999", |r| date(r, "9999-01-01"), "article.publish_date", "DATE_OUT_OF_RANGE"),
        ("year 1899", |r| date(r, "1899-12-31"), "article.publish_date", "DATE_OUT_OF_RANGE"),
        ("30 February", |r| date(r, "2024-02-30"), "article.publish_date", "INVALID_DATE"),
        ("date with time", |r| date(r, "2024-02-03T10:00:00Z"), "article.publish_date", "INVALID_DATE"),
        ("compact date", |r| date(r, "20240203"), "article.publish_date", "INVALID_DATE"),
        ("date in words", |r| date(r, "3 février "), "article.publish_date", "INVALID_DATE"),
        ("bad tag", |r| language(r, "en US"), "article.language_code", "INVALID_LANGUAGE_CODE"),
        ("unknown speaker", |r| speaker(r, "XX"), "article.speaker.region_code", "UNKNOWN_REGION"),
        ("speaker without id", |r| article(r).speaker = Some(none()), "article.speaker", "REQUIRED"),
        ("unknown target", |r| r.target = Some(region("QQ")), "target.region_code", "UNKNOWN_REGION"),
        ("lower-case target", |r| r.target = Some(region("cn")), "target.region_code", "UNKNOWN_REGION"),
        ("bloc as region", |r| r.target = Some(region("WEST")), "target.region_code", "UNKNOWN_REGION"),
        ("region as bloc", |r| r.target = Some(bloc("CN")), "target.bloc_code", "UNKNOWN_BLOC"),
        ("second holder", |r| r.holders = vec![region("CN"), bloc("NOPE")], "holders[1].bloc_code", "UNKNOWN_BLOC"),
        ("301 holders", |r| r.holders = vec![region("CN"); 301], "holders", "TOO_MANY"),
        ("enum 99", |r| r.offset_encoding = 99, "offset_encoding", "UNKNOWN_ENUM_VALUE"),
        ("enum -1", |r| r.offset_encoding = -1, "offset_encoding", "UNKNOWN_ENUM_VALUE"),
        ("confidence 1.1", |r| r.min_confidence = 1.1, "min_confidence", "OUT_OF_RANGE"),
        ("confidence -0.1", |r| r.min_confidence = -0.1, "min_confidence", "OUT_OF_RANGE"),
        ("confidence NaN", |r| r.min_confidence = f64::NAN, "min_confidence", "OUT_OF_RANGE"),
    ]
}

#[tokio::test]
async fn reports_all_bad_fields_together_and_bounds_them() {
    let server = Server::start(DRAIN).await;
    let mut client = server.stances().await;
    let mut bad = request("");
    bad.issue = "i".repeat(3_000);
    bad.offset_encoding = 7;
    let status = client.classify(bad).await.expect_err("three bad fields");
    assert_eq!(paths(&status), ["article.text", "issue", "offset_encoding"]);
    for (name, code) in [("wide", "😀".repeat(5_000)), ("control", "\u{7f}".repeat(5_000))] {
        let mut bad = request(TEXT);
        bad.holders = vec![region(&code); 150];
        let status = client.classify(bad).await.expect_err(name);
        assert_eq!(status.code(), Code::InvalidArgument, "{name}");
        // As headers: details in base64, the message percent-encoded; clients take 8 kB.
        let size = status.details().len() * 4 / 3 + status.message().len() * 3;
        assert!(size < 7_500, "{name}: {size} bytes of error do not pass as headers");
    }
}

#[tokio::test]
async fn answers_what_is_odd_but_allowed() {
    let server = Server::start(DRAIN).await;
    let mut client = server.stances().await;
    let odd: [(&str, Change); 10] = [
        ("200,000 letters", |r| text(r, &"é".repeat(200_000))),
        ("200,000 wide letters", |r| text(r, &"𝒳".repeat(200_000))),
        ("NUL bytes", |r| text(r, "China\0condemned\0it.")),
        ("HTML", |r| text(r, "<p>China &amp; Russia <b>condemned</b> it.</p>")),
        ("no letters", |r| text(r, "1, 2, 3 😀")),
        ("one long sentence", |r| text(r, &"and China said so ".repeat(6_000))),
        ("names in a row", |r| text(r, &"China Russia Ukraine United States France ".repeat(2_000))),
        ("first day", |r| date(r, "1900-01-01")),
        ("American English", |r| language(r, "en-US")),
        ("2,000 in issue", |r| r.issue = "é".repeat(2_000)),
    ];
    for (name, change) in odd {
        let mut request = request(TEXT);
        change(&mut request);
        let answered = client.classify(request).await;
        assert!(answered.is_ok(), "{name}: {answered:?}");
    }
}

#[tokio::test]
async fn a_message_above_the_decoder_limit_is_refused() {
    let server = Server::start(DRAIN).await;
    let status = server.stances().await.classify(request(&"x".repeat(5 << 20))).await.expect_err("5 MiB");
    assert_eq!(status.code(), Code::OutOfRange);
}

#[tokio::test]
async fn refuses_other_languages() {
    let server = Server::start(DRAIN).await;
    let mut client = server.stances().await;
    let french = "La Chine a condamné mardi les sanctions américaines contre la Russie. Le ministère des Affaires \
                  étrangères a appelé toutes les parties à la retenue.";
    let table = [
        ("Chinese", "中国外交部发言人表示，中国反对美国的制裁。", "", "cmn"),
        ("Russian", "Министерство иностранных дел России осудило новые санкции.", "", "rus"),
        ("French", french, "", "fra"),
        ("marked as French", TEXT, "fr-CA", "fr-CA"),
    ];
    for (name, text, code, want) in table {
        let mut foreign = request(text);
        language(&mut foreign, code);
        let Err(status) = client.classify(foreign).await else { panic!("{name}: was answered") };
        assert_eq!((status.code(), reason(&status).as_str()), (Code::Unimplemented, "LANGUAGE_UNSUPPORTED"), "{name}");
        let details = status.get_error_details();
        let metadata = &details.error_info().expect("ErrorInfo").metadata;
        assert_eq!(metadata.get("language").map(String::as_str), Some(want), "{name}: {metadata:?}");
    }
}

#[tokio::test]
async fn health_follows_the_server() {
    let server = Server::start(DRAIN).await;
    let mut health = HealthClient::new(server.channel().await);
    for service in SERVICES {
        let answer = health.check(HealthCheckRequest { service: service.to_owned() }).await.expect(service);
        assert_eq!(answer.into_inner().status(), ServingStatus::Serving, "{service:?}");
    }
    let status = health.check(HealthCheckRequest { service: "no.such".to_owned() }).await.expect_err("unknown");
    assert_eq!(status.code(), Code::NotFound);

    let watched = health.watch(HealthCheckRequest::default()).await.expect("a watch");
    let mut watched = watched.into_inner();
    assert_eq!(watched.message().await.unwrap().unwrap().status(), ServingStatus::Serving);
    let ended = server.stop();
    assert_eq!(watched.message().await.unwrap().unwrap().status(), ServingStatus::NotServing);
    drop((watched, health));
    timeout(DRAIN / 2, ended).await.expect("an open watch held up the drain").unwrap().expect("a clean end");
}

#[tokio::test]
async fn reflects_the_contract_in_both_versions() {
    let server = Server::start(DRAIN).await;
    let channel = server.channel().await;
    for (version, names) in [("v1", list_v1(channel.clone()).await), ("v1alpha", list_v1alpha(channel).await)] {
        for service in SERVICES.into_iter().skip(1).chain(["grpc.health.v1.Health"]) {
            assert!(names.iter().any(|name| name == service), "{version}: no {service} in {names:?}");
        }
    }
}

#[tokio::test]
async fn a_deadline_ends_a_call() {
    let server = Server::start(DRAIN).await;
    let channel = server.channel().await;
    let mut never = tonic::Request::new(tokio_stream::pending());
    never.set_timeout(Duration::from_millis(400));
    let started = Instant::now();
    let status = call(channel, never).await.expect_err("nothing was sent");
    assert_eq!((status.code(), reason(&status).as_str()), (Code::DeadlineExceeded, "DEADLINE_EXCEEDED"), "{status:?}");
    assert!(started.elapsed() < Duration::from_secs(2), "ended after {:?}", started.elapsed());
}

#[tokio::test]
async fn a_stop_lets_a_call_in_flight_finish() {
    let server = Server::start(DRAIN).await;
    let address = server.address;
    let (send, body) = tokio::sync::mpsc::channel(1);
    let body = tokio_stream::wrappers::ReceiverStream::new(body);
    let in_flight = tokio::spawn(call(server.channel().await, tonic::Request::new(body)));
    tokio::time::sleep(Duration::from_millis(200)).await; // the headers are there, the message is not
    let ended = server.stop();
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(!ended.is_finished(), "the server did not wait for the call in flight");
    assert!(tokio::net::TcpStream::connect(address).await.is_err(), "a draining server accepts connections");
    send.send(request(TEXT)).await.expect("the call is alive");
    drop(send);
    in_flight.await.unwrap().expect("the call in flight was dropped");
    timeout(DRAIN / 2, ended).await.expect("the drain did not end with the last call").unwrap().expect("a clean end");
}

#[tokio::test]
async fn a_stop_does_not_wait_for_ever() {
    let drain = Duration::from_millis(300);
    let server = Server::start(drain).await;
    let silent = tokio::net::TcpStream::connect(server.address).await.expect("a connection");
    let in_flight = tokio::spawn(call(server.channel().await, tonic::Request::new(tokio_stream::pending())));
    tokio::time::sleep(Duration::from_millis(200)).await;
    let ended = server.stop();
    timeout(Duration::from_secs(3), ended).await.expect("the drain has no bound").unwrap().expect("a clean end");
    in_flight.abort();
    drop(silent);
}

/// A `Classify` whose message comes whenever the stream gives it.
async fn call<S>(channel: Channel, request: tonic::Request<S>) -> Result<ClassifyResponse, Status>
where
    S: tokio_stream::Stream<Item = ClassifyRequest> + Send + 'static,
{
    let mut client = Grpc::new(channel);
    client.ready().await.map_err(|error| Status::unknown(error.to_string()))?;
    let path = PathAndQuery::from_static("/demarche.v1.StanceService/Classify");
    let codec = tonic_prost::ProstCodec::<ClassifyRequest, ClassifyResponse>::default();
    client.client_streaming(request, path, codec).await.map(tonic::Response::into_inner)
}

macro_rules! list_services {
    ($name:ident, $version:ident) => {
        /// The services that this version of reflection names, after looking one of them up.
        async fn $name(channel: Channel) -> Vec<String> {
            use tonic_reflection::pb::$version::ServerReflectionRequest;
            use tonic_reflection::pb::$version::server_reflection_client::ServerReflectionClient;
            use tonic_reflection::pb::$version::server_reflection_request::MessageRequest;
            use tonic_reflection::pb::$version::server_reflection_response::MessageResponse;
            let ask = |message| ServerReflectionRequest { host: String::new(), message_request: Some(message) };
            let questions = [
                ask(MessageRequest::ListServices(String::new())),
                ask(MessageRequest::FileContainingSymbol("demarche.v1.StanceService".to_owned())),
            ];
            let mut client = ServerReflectionClient::new(channel);
            let answers = client.server_reflection_info(tokio_stream::iter(questions)).await.expect("reflection");
            let mut answers = answers.into_inner();
            let mut next = async || answers.message().await.expect("an answer").and_then(|a| a.message_response);
            let Some(MessageResponse::ListServicesResponse(list)) = next().await else { panic!("no list") };
            let Some(MessageResponse::FileDescriptorResponse(files)) = next().await else { panic!("no file") };
            let file = prost_types::FileDescriptorProto::decode(&*files.file_descriptor_proto[0]).expect("a file");
            assert_eq!(file.package(), "demarche.v1");
            list.service.into_iter().map(|service| service.name).collect()
        }
    };
}
list_services!(list_v1, v1);
list_services!(list_v1alpha, v1alpha);

fn reason(status: &Status) -> String {
    let details = status.get_error_details();
    let info = details.error_info().unwrap_or_else(|| panic!("no ErrorInfo: {status:?}"));
    assert_eq!(info.domain, "demarche.dev");
    info.reason.clone()
}

fn paths(status: &Status) -> Vec<String> {
    let details = status.get_error_details();
    let bad = details.bad_request().unwrap_or_else(|| panic!("no BadRequest: {status:?}"));
    bad.field_violations.iter().map(|violation| violation.field.clone()).collect()
}

fn article(request: &mut ClassifyRequest) -> &mut Article {
    request.article.get_or_insert_default()
}

fn text(request: &mut ClassifyRequest, text: &str) {
    text.clone_into(&mut article(request).text);
}

fn date(request: &mut ClassifyRequest, date: &str) {
    date.clone_into(&mut article(request).publish_date);
}

fn language(request: &mut ClassifyRequest, code: &str) {
    code.clone_into(&mut article(request).language_code);
}

fn speaker(request: &mut ClassifyRequest, code: &str) {
    article(request).speaker = Some(region(code));
}

fn region(code: &str) -> Party {
    Party { id: Some(Id::RegionCode(code.to_owned())), ..none() }
}

fn bloc(code: &str) -> Party {
    Party { id: Some(Id::BlocCode(code.to_owned())), ..none() }
}

fn none() -> Party {
    Party { id: None, display_name: String::new() }
}
