//! The stages of one article's way, each a span of the trace and a time in the metrics.

use std::time::Instant;

use tracing::span::EnteredSpan;

use super::metrics::metrics;
use super::telemetry::TRACE;

/// The stage that goes on; it ends when the next one begins or this is dropped.
pub(super) struct Stages {
    name: &'static str,
    began: Instant,
    span: Option<EnteredSpan>,
}

impl Stages {
    /// The first stage begins.
    pub(super) fn begin(name: &'static str) -> Self {
        Self { name, began: Instant::now(), span: Some(span(name)) }
    }

    /// The next stage begins.
    pub(super) fn next(&mut self, name: &'static str) {
        self.end();
        *self = Self::begin(name);
    }

    fn end(&mut self) {
        if self.span.take().is_some() {
            metrics().stage_ended(self.name, self.began.elapsed());
        }
    }
}

impl Drop for Stages {
    fn drop(&mut self) {
        self.end();
    }
}

fn span(name: &'static str) -> EnteredSpan {
    tracing::info_span!(target: TRACE, "stage", otel.name = name).entered()
}
