//! Where logs and traces go.
//!
//! Logs go to standard error, as text or JSON; spans to a collector by OTLP, if there is one. What an article says
//! is told only if that was switched on, under the target [`ARTICLE`], and never in traces.

use std::fmt::{self, Display};
use std::io::{self, IsTerminal};
use std::panic;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use opentelemetry::Context;
use opentelemetry::propagation::{Extractor, TextMapPropagator};
use opentelemetry::trace::{SpanId, TraceId, TracerProvider};
use opentelemetry_otlp::{SpanExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{IdGenerator, RandomIdGenerator, Sampler, SdkTracerProvider};
use tonic::codegen::http::HeaderMap;
use tracing::Level;
use tracing::field::Field;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::field::MakeExt;
use tracing_subscriber::filter::{Directive, Targets};
use tracing_subscriber::fmt::format::{Writer, debug_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

use super::settings::{LogSettings, TraceSettings};

/// The target of everything that holds text of an article.
pub(super) const ARTICLE: &str = "demarche::article";
/// The target of the spans that only traces tell: the stages of a call.
pub(super) const TRACE: &str = "demarche::trace";
/// The target of the span and the line of a call.
pub(super) const CALL: &str = "demarche::call";
/// Whether texts of articles may be logged. Off for every process that does not say otherwise, whatever its log level
/// and whoever reads its events.
static ARTICLE_TEXT: AtomicBool = AtomicBool::new(false);
/// How long the last spans may take to leave.
const FLUSH: Duration = Duration::from_secs(2);
/// How long the collector may take for a batch of spans.
const EXPORT: Duration = Duration::from_secs(5);

/// Why logs or traces cannot be had.
#[derive(Debug, thiserror::Error)]
#[error("{what}: {reason}")]
pub struct TelemetryError {
    what: &'static str,
    reason: String,
}

impl TelemetryError {
    fn new(what: &'static str, reason: impl Display) -> Self {
        Self { what, reason: reason.to_string() }
    }
}

/// Logs and traces of this process, until [`Telemetry::finish`].
#[derive(Debug)]
pub struct Telemetry {
    provider: Option<SdkTracerProvider>,
}

impl Telemetry {
    /// Starts them. Must be called within a tokio runtime, which then carries the spans.
    ///
    /// # Errors
    /// [`TelemetryError`] for directives or an endpoint that cannot be used, or if it was called before.
    pub fn start(log: &LogSettings, traces: Option<&TraceSettings>) -> Result<Self, TelemetryError> {
        let provider = traces.map(provider).transpose()?;
        // Only spans and events of ours: what the exporter itself says must not be exported again.
        let ours = Targets::new().with_target("demarche", Level::INFO).with_target(ARTICLE, LevelFilter::OFF);
        let spans = provider.as_ref().map(|provider| {
            let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("demarche"));
            layer.with_location(false).with_threads(false).with_target(false).with_filter(ours)
        });
        let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr).with_ansi(io::stderr().is_terminal());
        let lines = if log.json {
            lines.json().flatten_event(true).with_current_span(false).with_span_list(true).boxed()
        } else {
            lines.fmt_fields(debug_fn(write_field).delimited(" ")).boxed()
        };
        let subscriber = tracing_subscriber::registry().with(spans).with(lines.with_filter(filter(log)?));
        subscriber.try_init().map_err(|error| TelemetryError::new("the log", error))?;
        ARTICLE_TEXT.store(log.article_text, Relaxed);
        tell_panics();
        Ok(Self { provider })
    }

    /// Sends the last spans. Blocks for two seconds at most.
    pub fn finish(self) {
        if let Some(Err(error)) = self.provider.map(|provider| provider.shutdown_with_timeout(FLUSH)) {
            tracing::warn!(%error, "the last spans were not sent");
        }
    }
}

/// A field of a line of text. What only a collector wants to know is left out.
fn write_field(writer: &mut Writer<'_>, field: &Field, value: &dyn fmt::Debug) -> fmt::Result {
    match field.name() {
        "message" => write!(writer, "{value:?}"),
        name if name.starts_with("otel.") => Ok(()),
        name => write!(writer, "{name}={value:?}"),
    }
}

/// The filter of these directives (as in `RUST_LOG`), if they are any.
///
/// Beyond ASCII, where no name of a module is, `EnvFilter` may cut a letter in two and panic; and a field's value is
/// taken as it stands, not as a regular expression, some of which take minutes to read. Both were found by fuzzing.
#[must_use]
pub fn log_filter(directives: &str) -> Option<EnvFilter> {
    let readable = !directives.is_empty() && directives.is_ascii();
    readable.then(|| EnvFilter::builder().with_regex(false).parse(directives).ok()).flatten()
}

/// What is logged. Whatever the level, the ids of the call are, and texts if they may be.
fn filter(log: &LogSettings) -> Result<EnvFilter, TelemetryError> {
    let wrong = |error: &dyn Display| TelemetryError::new("the log level", error);
    let directive = |text: String| text.parse::<Directive>().map_err(|error| wrong(&error));
    let filter = log_filter(&log.level).ok_or_else(|| wrong(&"no directives"))?;
    let filter = filter.add_directive(directive(format!("{TRACE}=off"))?);
    let articles = if log.article_text { "info" } else { "off" };
    Ok(filter.add_directive(directive(format!("{ARTICLE}={articles}"))?))
}

fn provider(traces: &TraceSettings) -> Result<SdkTracerProvider, TelemetryError> {
    let exporter = SpanExporter::builder().with_tonic().with_endpoint(&traces.endpoint).with_timeout(EXPORT).build();
    let exporter = exporter.map_err(|error| TelemetryError::new("traces", error))?;
    let resource = Resource::builder()
        .with_service_name(env!("CARGO_PKG_NAME"))
        .with_attribute(opentelemetry::KeyValue::new("service.version", env!("CARGO_PKG_VERSION")));
    let sampler = Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(traces.share)));
    let provider = SdkTracerProvider::builder().with_batch_exporter(exporter).with_sampler(sampler);
    Ok(provider.with_resource(resource.build()).build())
}

/// A panic's message may quote an article, so the log tells only its place unless texts are switched on.
fn tell_panics() {
    panic::set_hook(Box::new(|info| {
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(%place, "a panic; this is a bug");
        if ARTICLE_TEXT.load(Relaxed) {
            let payload = info.payload_as_str().unwrap_or_default();
            tracing::error!(target: ARTICLE, %place, payload, "a panic");
        }
    }));
}

/// The text of an article, if it may be logged.
pub(super) fn log_article(text: &str) {
    if ARTICLE_TEXT.load(Relaxed) {
        tracing::info!(target: ARTICLE, text, "an article");
    }
}

/// The caller's trace, from `traceparent` and `tracestate`.
pub(super) fn parent_of(headers: &HeaderMap) -> Context {
    TraceContextPropagator::new().extract_with_context(&Context::new(), &Headers(headers))
}

/// A new id of a trace, for a call that nobody traces.
pub(super) fn new_trace_id() -> TraceId {
    RandomIdGenerator::default().new_trace_id()
}

/// A new id of a span.
pub(super) fn new_span_id() -> SpanId {
    RandomIdGenerator::default().new_span_id()
}

struct Headers<'h>(&'h HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(tonic::codegen::http::HeaderName::as_str).collect()
    }
}
