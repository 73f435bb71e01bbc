//! What the process counts, for Prometheus.
//!
//! One register for the process, as Prometheus' own clients have it: what is counted stands in one place and no
//! signature carries it along. Labels have few values, all chosen here: nothing that a caller sends becomes one.

use std::sync::LazyLock;
use std::time::Duration;

use prometheus_client::encoding::{EncodeLabelSet, prometheus_text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use tonic::Code;
use whatlang::Lang;

use crate::model::Manifest;
use crate::proto::{ClassifyResponse, Stance};

use super::error::Error;
use super::reload::Reloads;
use super::status::{code, code_name};

/// Upper bounds of times, in seconds: from a health check to the longest article in a full queue.
const SECONDS: [f64; 14] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
/// Upper bounds of rows of an article.
const ROWS: [f64; 9] = [0.0, 1.0, 2.0, 3.0, 5.0, 8.0, 13.0, 21.0, 50.0];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CallLabels {
    method: &'static str,
    code: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CodeLabel {
    code: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct MethodLabel {
    method: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StageLabel {
    stage: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StanceLabel {
    stance: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct LanguageLabel {
    language: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct WhatLabel {
    what: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ModelLabels {
    name: String,
    version: String,
    content_hash: String,
    current: &'static str,
}

type Histograms<L> = Family<L, Histogram, fn() -> Histogram>;

/// The counters of the process; see [`metrics`].
#[derive(Debug)]
pub(super) struct Metrics {
    registry: Registry,
    calls: Family<CallLabels, Counter>,
    call_seconds: Histograms<MethodLabel>,
    in_flight: Gauge,
    streams: Gauge,
    articles: Family<CodeLabel, Counter>,
    waiting: Gauge,
    busy: Gauge,
    shed: Counter,
    request_bytes: Family<MethodLabel, Counter>,
    response_bytes: Family<MethodLabel, Counter>,
    stage_seconds: Histograms<StageLabel>,
    rows: Family<StanceLabel, Counter>,
    rows_an_article: Histogram,
    without_rows: Counter,
    languages: Family<LanguageLabel, Counter>,
    models: Family<ModelLabels, Gauge>,
    reloads: Family<WhatLabel, Counter>,
    reload_failures: Family<WhatLabel, Counter>,
}

/// What became of files that were read again.
#[derive(Debug, Clone, Copy)]
pub(super) enum Reloaded {
    /// What they say holds from now on.
    Taken,
    /// They cannot be used.
    Refused,
}

/// A call that has ended.
#[derive(Debug, Clone, Copy)]
pub(super) struct EndedCall {
    pub(super) method: &'static str,
    pub(super) code: &'static str,
    pub(super) took: Duration,
    pub(super) request_bytes: u64,
    pub(super) response_bytes: u64,
}

/// The counters of the process.
pub(super) fn metrics() -> &'static Metrics {
    static METRICS: LazyLock<Metrics> = LazyLock::new(Metrics::new);
    &METRICS
}

/// Counts one more in a gauge until it is dropped.
#[derive(Debug)]
pub(super) struct Present(&'static Gauge);

impl Present {
    fn new(gauge: &'static Gauge) -> Self {
        gauge.inc();
        Self(gauge)
    }
}

impl Drop for Present {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// Puts a metric into the register and gives it back.
fn register<M>(registry: &mut Registry, name: &str, help: &str, metric: M) -> M
where
    M: prometheus_client::registry::Metric + Clone,
{
    registry.register(name, help, metric.clone());
    metric
}

impl Metrics {
    fn new() -> Self {
        let mut registry = Registry::with_prefix("demarche");
        let r = &mut registry;
        let seconds = || Histogram::new(SECONDS);
        let metrics = Self {
            calls: register(r, "calls", "Calls that have ended, by method and gRPC code", Family::default()),
            call_seconds: register(
                r,
                "call_seconds",
                "Time from a call's headers to the end of its answer",
                Family::new_with_constructor(seconds),
            ),
            in_flight: register(r, "calls_in_flight", "Calls that have not ended", Gauge::default()),
            streams: register(r, "streams_open", "StreamClassify calls that have not ended", Gauge::default()),
            articles: register(
                r,
                "articles",
                "Articles of calls that were let in, answered or refused, each by the code that it would have as a call",
                Family::default(),
            ),
            waiting: register(r, "queue_waiting", "Articles that wait for a worker", Gauge::default()),
            busy: register(r, "workers_busy", "Articles that are being read", Gauge::default()),
            shed: register(
                r,
                "shed",
                "Calls turned away because the queue was full, or as many streams open as may be",
                Counter::default(),
            ),
            request_bytes: register(
                r,
                "request_bytes",
                "Bytes of messages received, as they came over the wire",
                Family::default(),
            ),
            response_bytes: register(
                r,
                "response_bytes",
                "Bytes of messages sent, as they went over the wire",
                Family::default(),
            ),
            stage_seconds: register(
                r,
                "stage_seconds",
                "Time that an article spent in a stage of its way",
                Family::new_with_constructor(seconds),
            ),
            rows: register(r, "rows", "Rows found, by stance", Family::default()),
            rows_an_article: register(r, "rows_per_article", "Rows of an article", Histogram::new(ROWS)),
            without_rows: register(
                r,
                "articles_without_rows",
                "Articles in which no stance was found",
                Counter::default(),
            ),
            languages: register(
                r,
                "language_refused",
                "Texts refused because of their language, by the ISO 639-3 code that was recognised",
                Family::default(),
            ),
            models: register(
                r,
                "model_info",
                "1 for each model that is loaded; the current one answers calls that name none",
                Family::default(),
            ),
            reloads: register(r, "reloads", "Files read again that hold from then on", Family::default()),
            reload_failures: register(
                r,
                "reload_failures",
                "Files read again that could not be used, so that what was loaded stayed",
                Family::default(),
            ),
            registry,
        };
        // A counter that is not there cannot be told from one that is zero.
        for what in Reloads::ALL {
            let label = WhatLabel { what: what.name() };
            metrics.reloads.get_or_create_owned(&label);
            metrics.reload_failures.get_or_create_owned(&label);
        }
        for stance in [Stance::Aligned, Stance::Neutral, Stance::Opposed] {
            metrics.rows.get_or_create_owned(&StanceLabel { stance: stance_name(stance) });
        }
        metrics
    }

    /// All of it in Prometheus' text format.
    pub(super) fn text(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        prometheus_text::encode(&mut text, &self.registry)?;
        Ok(text)
    }

    pub(super) fn call_begins(&'static self) -> Present {
        Present::new(&self.in_flight)
    }

    pub(super) fn call_ended(&self, call: &EndedCall) {
        let method = MethodLabel { method: call.method };
        self.calls.get_or_create(&CallLabels { method: call.method, code: call.code }).inc();
        self.call_seconds.get_or_create(&method).observe(call.took.as_secs_f64());
        self.request_bytes.get_or_create(&method).inc_by(call.request_bytes);
        self.response_bytes.get_or_create(&method).inc_by(call.response_bytes);
    }

    /// A stream is open until the value is dropped.
    pub(super) fn stream_opens(&'static self) -> Present {
        Present::new(&self.streams)
    }

    /// An article was answered or refused: in a call of its own, in a batch or in a stream.
    pub(super) fn article(&self, answered: &Result<ClassifyResponse, Error>) {
        let code = code_name(answered.as_ref().map_or_else(code, |_| Code::Ok));
        self.articles.get_or_create(&CodeLabel { code }).inc();
    }

    /// An article waits for a worker until the value is dropped.
    pub(super) fn waits(&'static self) -> Present {
        Present::new(&self.waiting)
    }

    /// An article is read until the value is dropped.
    pub(super) fn works(&'static self) -> Present {
        Present::new(&self.busy)
    }

    /// A call was turned away.
    pub(super) fn shed(&self) {
        self.shed.inc();
    }

    pub(super) fn stage_ended(&self, stage: &'static str, took: Duration) {
        self.stage_seconds.get_or_create(&StageLabel { stage }).observe(took.as_secs_f64());
    }

    /// What was found in one article.
    pub(super) fn answered(&self, answered: &Result<ClassifyResponse, Error>) {
        match answered {
            Ok(response) => {
                let mut count = 0_u32;
                for row in response.countries.iter().flat_map(|country| &country.stances) {
                    self.rows.get_or_create(&StanceLabel { stance: stance_name(row.stance()) }).inc();
                    count += 1;
                }
                self.rows_an_article.observe(f64::from(count));
                if count == 0 {
                    self.without_rows.inc();
                }
            }
            Err(Error::LanguageUnsupported { language, .. }) => {
                let language = Lang::from_code(language.as_str()).map_or("other", |language| language.code());
                self.languages.get_or_create(&LanguageLabel { language }).inc();
            }
            Err(_) => {}
        }
    }

    /// Other models are loaded from now on. There is a current one at every moment.
    pub(super) fn models_loaded<'m>(
        &self,
        before: impl IntoIterator<Item = (&'m Manifest, bool)>,
        now: impl IntoIterator<Item = (&'m Manifest, bool)>,
    ) {
        let now: Vec<_> = now.into_iter().map(labels).collect();
        for model in &now {
            self.models.get_or_create(model).set(1);
        }
        for gone in before.into_iter().map(labels).filter(|model| !now.contains(model)) {
            self.models.remove(&gone);
        }
    }

    /// Files were read again.
    pub(super) fn reloaded(&self, what: Reloads, how: Reloaded) {
        let counter = match how {
            Reloaded::Taken => &self.reloads,
            Reloaded::Refused => &self.reload_failures,
        };
        counter.get_or_create(&WhatLabel { what: what.name() }).inc();
    }
}

fn labels((manifest, current): (&Manifest, bool)) -> ModelLabels {
    ModelLabels {
        name: manifest.name.clone(),
        version: manifest.version.clone(),
        content_hash: manifest.weights_sha256.clone(),
        current: if current { "true" } else { "false" },
    }
}

fn stance_name(stance: Stance) -> &'static str {
    match stance {
        Stance::Aligned => "aligned",
        Stance::Neutral => "neutral",
        Stance::Opposed => "opposed",
        Stance::Unspecified => "unspecified",
    }
}
