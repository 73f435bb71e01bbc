//! The server seen from outside: metrics, readiness, logs and traces, of the real process and by a collector that
//! parses what it gets. What is deployed beside it must ask only for what there is.

#[path = "support/process.rs"]
mod process;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use demarche::proto::stance_service_client::StanceServiceClient;
use demarche::proto::{Article, BatchClassifyRequest, ClassifyRequest, StreamClassifyRequest};
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{TraceService, TraceServiceServer};
use opentelemetry_proto::tonic::collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse};
use opentelemetry_proto::tonic::trace::v1::Span;
use process::Process;
use serde_json::Value;
use tokio::net::TcpListener;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Code, Request, Response, Status};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";
const CANARY: &str = "zanzibarian-canary";

/// A collector that keeps what it is sent.
#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Vec<ExportTraceServiceRequest>>>);

#[tonic::async_trait]
impl TraceService for Collector {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        self.0.lock().expect("no panic").push(request.into_inner());
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

impl Collector {
    /// Starts one; gives it and its URL.
    async fn start() -> (Self, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let collector = Self::default();
        let service = TraceServiceServer::new(collector.clone());
        tokio::spawn(Server::builder().add_service(service).serve_with_incoming(TcpIncoming::from(listener)));
        (collector, url)
    }

    fn spans(&self) -> Vec<Span> {
        let requests = self.0.lock().expect("no panic");
        let resources = requests.iter().flat_map(|request| &request.resource_spans);
        resources.flat_map(|resource| &resource.scope_spans).flat_map(|scope| scope.spans.clone()).collect()
    }
}

/// Classifies a text, as a caller that is traced.
async fn classify(server: &Process, text: &str) -> Result<Response<demarche::proto::ClassifyResponse>, Status> {
    let mut client = StanceServiceClient::connect(format!("http://{}", server.address)).await.expect("it answers");
    let article = Article { text: text.to_owned(), ..Article::default() };
    let mut request = Request::new(ClassifyRequest { article: Some(article), ..ClassifyRequest::default() });
    let metadata = request.metadata_mut();
    metadata.insert("traceparent", format!("00-{TRACE}-{PARENT}-01").parse().expect("a header"));
    metadata.insert("x-request-id", "desk-7".parse().expect("a header"));
    client.classify(request).await
}

#[tokio::test(flavor = "multi_thread")]
async fn one_call_is_one_trace_one_line_and_one_count() {
    let (collector, url) = Collector::start().await;
    let server = Process::start(&["--log-format", "json", "--log-level", "trace", "--otlp-endpoint", &url]);
    let text = format!("China condemned the {CANARY} sanctions of the United States.");
    let answer = classify(&server, &text).await.expect("an answer");
    assert_eq!(answer.metadata().get("x-request-id").expect("it comes back"), "desk-7");
    let metrics = server.get("/metrics");
    let counted = "demarche_calls_total{method=\"demarche.v1.StanceService/Classify\",code=\"OK\"} 1\n";
    assert!(metrics.contains(counted), "{metrics}");
    let (status, log) = server.stop();
    assert!(status.success(), "{log}");

    let lines: Vec<Value> = log.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    assert_eq!(lines.len(), log.lines().count(), "a line of the log is no JSON:\n{log}");
    let ended: Vec<&Value> = lines.iter().filter(|line| line["target"] == "demarche::call").collect();
    assert_eq!(ended.len(), 1, "{log}");
    assert_eq!(ended[0]["code"], "OK");
    let call = &ended[0]["spans"][0];
    assert_eq!((&call["trace_id"], &call["request_id"]), (&TRACE.into(), &"desk-7".into()), "{call}");

    let spans = collector.spans();
    let named = |name: &str| spans.iter().find(|span| span.name == name).unwrap_or_else(|| panic!("no span {name}"));
    let root = named("demarche.v1.StanceService/Classify");
    assert_eq!(
        root.parent_span_id,
        u64::from_str_radix(PARENT, 16).expect("an id").to_be_bytes(),
        "the call is not below its caller"
    );
    for stage in ["queue", "validate", "text", "mentions", "candidates", "labels", "rows", "convert"] {
        let span = named(stage);
        assert_eq!(span.trace_id, u128::from_str_radix(TRACE, 16).expect("an id").to_be_bytes(), "{stage}");
        assert_eq!(span.parent_span_id, root.span_id, "{stage} is not below the call");
        assert!(span.end_time_unix_nano >= span.start_time_unix_nano, "{stage}");
    }
    for (name, told) in [("log", &log), ("metrics", &metrics), ("traces", &format!("{spans:?}"))] {
        assert!(!told.contains(CANARY), "the article's text is in the {name}:\n{told}");
    }
}

/// A stream that the caller traces; the items are articles of one call.
#[tokio::test(flavor = "multi_thread")]
async fn a_stream_is_one_call_and_its_items_are_articles() {
    let (collector, url) = Collector::start().await;
    let server = Process::start(&["--log-format", "json", "--otlp-endpoint", &url]);
    let mut client = StanceServiceClient::connect(format!("http://{}", server.address)).await.expect("it answers");
    let (send, messages) = tokio::sync::mpsc::channel(1);
    let mut request = Request::new(tokio_stream::wrappers::ReceiverStream::new(messages));
    request.metadata_mut().insert("traceparent", format!("00-{TRACE}-{PARENT}-01").parse().expect("a header"));
    let mut answers = client.stream_classify(request).await.expect("a stream").into_inner();
    for (id, text) in [("1", "China condemned it."), ("2", "Kenya backed the plan of Ghana."), ("3", "")] {
        let article = Article { text: text.to_owned(), ..Article::default() };
        let request = Some(ClassifyRequest { article: Some(article), ..ClassifyRequest::default() });
        send.send(StreamClassifyRequest { id: id.to_owned(), request }).await.expect("it is open");
        assert_eq!(answers.message().await.expect("an answer").expect("an answer").id, id);
    }
    let has = |line: &str| {
        let metrics = server.get("/metrics");
        assert!(metrics.lines().any(|found| found == line), "no {line} in:\n{metrics}");
    };
    has("demarche_streams_open 1");
    has("demarche_calls_in_flight 1");
    drop(send);
    assert_eq!(answers.message().await.expect("a good end"), None);
    has("demarche_streams_open 0");
    has("demarche_calls_total{method=\"demarche.v1.StanceService/StreamClassify\",code=\"OK\"} 1");
    has("demarche_articles_total{code=\"OK\"} 2");
    has("demarche_articles_total{code=\"INVALID_ARGUMENT\"} 1");
    has("demarche_rows_per_article_count 2");

    let item = |text: &str| {
        let article = Article { text: text.to_owned(), ..Article::default() };
        ClassifyRequest { article: Some(article), ..ClassifyRequest::default() }
    };
    let batch = BatchClassifyRequest { requests: vec![item("China condemned it."), item("")] };
    client.batch_classify(batch).await.expect("a batch");
    has("demarche_calls_total{method=\"demarche.v1.StanceService/BatchClassify\",code=\"OK\"} 1");
    has("demarche_articles_total{code=\"OK\"} 3");
    has("demarche_articles_total{code=\"INVALID_ARGUMENT\"} 2");
    has("demarche_queue_waiting 0");
    has("demarche_workers_busy 0");

    let (_, log) = server.stop();
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let ended = lines.filter(|line| line["target"] == "demarche::call");
    let methods: Vec<_> = ended.map(|line| line["method"].as_str().unwrap_or_default().to_owned()).collect();
    assert_eq!(
        methods,
        ["demarche.v1.StanceService/StreamClassify", "demarche.v1.StanceService/BatchClassify"],
        "{log}"
    );
    let spans = collector.spans();
    let root = spans.iter().find(|span| span.name.ends_with("/StreamClassify")).expect("a span of the stream");
    for (stage, count) in [("queue", 3), ("validate", 3), ("labels", 2)] {
        let found = spans.iter().filter(|span| span.name == stage && span.parent_span_id == root.span_id).count();
        assert_eq!(found, count, "{stage} below the stream");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_nobody_traces_begins_a_trace_of_its_own() {
    let (collector, url) = Collector::start().await;
    let server = Process::start(&["--log-format", "json", "--otlp-endpoint", &url]);
    let mut client = StanceServiceClient::connect(format!("http://{}", server.address)).await.expect("it answers");
    let mut request = Request::new(ClassifyRequest::default());
    request.metadata_mut().insert("x-request-id", "x".repeat(65).parse().expect("a header"));
    client.classify(request).await.expect_err("no article");
    let (_, log) = server.stop();
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let ended: Vec<Value> = lines.filter(|line| line["target"] == "demarche::call").collect();
    assert_eq!(ended[0]["code"], "INVALID_ARGUMENT", "{log}");
    let call = &ended[0]["spans"][0];
    assert_eq!(call["request_id"].as_str().map(str::len), Some(16), "a name that is too long is replaced: {call}");
    let spans = collector.spans();
    let root = spans.iter().find(|span| span.parent_span_id.is_empty()).expect("a span without a parent");
    let trace_id = call["trace_id"].as_str().and_then(|id| u128::from_str_radix(id, 16).ok()).expect("an id");
    assert_eq!(root.trace_id, trace_id.to_be_bytes(), "log and trace do not agree");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_article_is_logged_only_where_that_is_switched_on() {
    let (collector, url) = Collector::start().await;
    let server = Process::start(&["--log-article-text", "on", "--otlp-endpoint", &url]);
    classify(&server, &format!("China condemned the {CANARY}.")).await.expect("an answer");
    let (_, log) = server.stop();
    assert!(log.contains(CANARY), "{log}");
    assert!(!format!("{:?}", collector.spans()).contains(CANARY), "the article's text is in the traces");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_is_away_holds_up_nothing() {
    let server = Process::start(&["--otlp-endpoint", "http://127.0.0.1:1"]);
    classify(&server, "China condemned it.").await.expect("an answer");
    let (status, log) = server.stop();
    assert!(status.success(), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn tells_whether_it_is_ready() {
    let server = Process::start(&["--pause-seconds", "2", "--drain-seconds", "1"]);
    let silent = std::net::TcpStream::connect(&server.address).expect("a connection");
    let idle = StanceServiceClient::connect(format!("http://{}", server.address)).await.expect("a connection");
    let wait_for = |path: &str, status: &str| {
        let asked = std::time::Instant::now();
        while !server.get(path).starts_with(&format!("HTTP/1.1 {status}")) {
            assert!(asked.elapsed() < process::PATIENCE, "{path} is never {status}");
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
    };
    wait_for("/readyz", "200");
    wait_for("/livez", "200");
    wait_for("/nothing", "404");
    server.signal("TERM");
    wait_for("/readyz", "503");
    classify(&server, "China condemned it.").await.expect("a call during the pause is answered");
    let (status, log) = server.stop();
    assert_eq!(status.code(), Some(0), "an idle client and a silent connection: {log}");
    drop((silent, idle));
}

#[tokio::test(flavor = "multi_thread")]
async fn dashboard_and_alerts_ask_for_metrics_that_exist() {
    let server = Process::start(&[]);
    classify(&server, "China condemned it.").await.expect("an answer");
    let refused = classify(&server, "中国外交部发言人表示，中国反对美国的制裁。").await.expect_err("Chinese");
    assert_eq!(refused.code(), Code::Unimplemented);
    let metrics = server.get("/metrics");
    assert!(metrics.contains("demarche_language_refused_total{language=\"cmn\"} 1\n"), "{metrics}");
    let exist: BTreeSet<&str> =
        metrics.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect();
    let files = [
        ("dashboard", include_str!("../deploy/grafana/dashboard.json")),
        ("alerts", include_str!("../deploy/prometheus/alerts.yaml")),
        ("docs/operations.md", include_str!("../docs/operations.md")),
    ];
    for (file, text) in files {
        let asked = metrics_in(text);
        assert!(asked.len() > 3, "{file} asks for almost nothing: {asked:?}");
        for name in asked {
            let series = ["_bucket", "_sum", "_count"].iter().find_map(|suffix| name.strip_suffix(suffix));
            assert!(
                exist.contains(name) || series.is_some_and(|name| exist.contains(name)),
                "{file}: no metric {name}"
            );
        }
    }
    let dashboard: Value = serde_json::from_str(files[0].1).expect("the dashboard is JSON");
    assert!(dashboard["panels"].as_array().is_some_and(|panels| panels.len() > 5));
}

/// Every word that begins with `demarche_`.
fn metrics_in(text: &str) -> BTreeSet<&str> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words.filter(|word| word.starts_with("demarche_")).collect()
}
