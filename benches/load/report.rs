//! The figures of the measurements, as a table or as JSON.

use std::collections::BTreeMap;
use std::time::Duration;

use comfy_table::Table;
use comfy_table::presets::ASCII_MARKDOWN;
use serde_json::{Value, json};

use crate::lanes::Samples;
use crate::{Args, Method};

/// Percentiles that are told, in thousandths.
const PERMILLES: [usize; 4] = [500, 900, 990, 999];

/// All that was measured of one server by one method.
#[derive(Debug)]
pub(crate) struct Measured {
    server: String,
    method: Method,
    /// Calls a second in the closed loop, by round.
    throughputs: Vec<f64>,
    /// Calls of the closed loop, and processor time of the server's for them, if it can be told.
    calls: usize,
    cpu: Option<Duration>,
    /// Calls a second in the open loop, in the last round.
    rate: f64,
    /// Times in the open loop, over all rounds.
    times: Vec<Duration>,
    failed_closed: BTreeMap<String, usize>,
    failed_open: BTreeMap<String, usize>,
    peak_memory: Option<u64>,
}

impl Measured {
    pub(crate) fn new(server: String, method: Method) -> Self {
        Self {
            server,
            method,
            throughputs: vec![],
            calls: 0,
            cpu: Some(Duration::ZERO),
            rate: 0.0,
            times: vec![],
            failed_closed: BTreeMap::new(),
            failed_open: BTreeMap::new(),
            peak_memory: None,
        }
    }

    pub(crate) fn add_closed(&mut self, samples: &Samples, cpu: Option<Duration>) {
        self.throughputs.push(samples.answered.len() as f64 / samples.lasted.as_secs_f64());
        self.calls += samples.answered.len();
        self.cpu = self.cpu.zip(cpu).map(|(sum, more)| sum + more);
        add(&mut self.failed_closed, &samples.failed);
    }

    pub(crate) fn add_open(&mut self, rate: f64, samples: Samples) {
        self.rate = rate;
        self.times.extend(samples.answered);
        add(&mut self.failed_open, &samples.failed);
    }

    pub(crate) fn with_memory(mut self, peak: Option<u64>) -> Self {
        self.peak_memory = peak;
        self.times.sort_unstable();
        self
    }

    /// Calls a second in the closed loop: the round in the middle.
    pub(crate) fn throughput(&self) -> f64 {
        let mut throughputs = self.throughputs.clone();
        throughputs.sort_by(f64::total_cmp);
        throughputs[throughputs.len() / 2]
    }

    /// Microseconds of the server's processor time a call.
    fn cpu_of_call(&self) -> Option<f64> {
        self.cpu.map(|cpu| cpu.as_secs_f64() * 1e6 / self.calls.max(1) as f64)
    }

    /// The time that so many thousandths of the calls did not exceed, in milliseconds.
    fn percentile(&self, permille: usize) -> Option<f64> {
        let at = (self.times.len() * permille).div_ceil(1000).checked_sub(1)?;
        Some(self.times[at].as_secs_f64() * 1e3)
    }

    fn failed(&self) -> usize {
        self.failed_closed.values().chain(self.failed_open.values()).sum()
    }

    fn json(&self) -> Value {
        let percentiles: BTreeMap<String, _> =
            PERMILLES.iter().map(|&at| (format!("p{}", at as f64 / 10.0), self.percentile(at))).collect();
        json!({
            "server": self.server,
            "method": format!("{:?}", self.method).to_lowercase(),
            "closed_loop": {
                "calls_per_second": self.throughput(),
                "calls_per_second_by_round": self.throughputs,
                "server_cpu_microseconds_per_call": self.cpu_of_call(),
                "failed": self.failed_closed,
            },
            "open_loop": {
                "calls_per_second": self.rate,
                "calls": self.times.len(),
                "milliseconds": percentiles,
                "milliseconds_at_most": self.times.last().map(|time| time.as_secs_f64() * 1e3),
                "failed": self.failed_open,
            },
            "peak_memory_kb": self.peak_memory,
        })
    }
}

fn add(sum: &mut BTreeMap<String, usize>, more: &BTreeMap<String, usize>) {
    for (code, count) in more {
        *sum.entry(code.clone()).or_default() += count;
    }
}

/// Prints one JSON array.
pub(crate) fn json(measured: &[Measured]) -> anyhow::Result<()> {
    let all: Vec<Value> = measured.iter().map(Measured::json).collect();
    println!("{}", serde_json::to_string_pretty(&all)?);
    Ok(())
}

/// Prints a table that is Markdown too.
pub(crate) fn table(measured: &[Measured], args: &Args) -> anyhow::Result<()> {
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN).set_header([
        "server",
        "calls",
        "a second",
        "of the no-op's",
        "CPU µs a call",
        "rate",
        "p50 ms",
        "p90 ms",
        "p99 ms",
        "p99.9 ms",
        "at most",
        "failed",
        "peak MB",
    ]);
    let or_none = |figure: Option<f64>, digits: usize| figure.map_or("-".to_owned(), |it| format!("{it:.digits$}"));
    for one in measured {
        let noop = measured.iter().find(|other| other.method == one.method && other.server == "no-op");
        let mut row = vec![
            one.server.clone(),
            format!("{:?}", one.method).to_lowercase(),
            format!("{:.0}", one.throughput()),
            or_none(noop.map(|noop| one.throughput() / noop.throughput()), 3),
            or_none(one.cpu_of_call(), 0),
            format!("{:.0}", one.rate),
        ];
        row.extend(PERMILLES.map(|at| or_none(one.percentile(at), 2)));
        row.push(or_none(one.percentile(1000), 2));
        row.push(one.failed().to_string());
        row.push(or_none(one.peak_memory.map(|kilobytes| kilobytes as f64 / 1e3), 0));
        table.add_row(row);
    }
    println!("{table}");
    println!(
        "\nClosed loop: {} connections, {} callers each, {} rounds of {} s, the middle one. Open loop: latencies from \
         when calls were due. Client and servers share {} cores.",
        args.connections,
        args.callers,
        args.rounds,
        args.seconds,
        std::thread::available_parallelism()?
    );
    for one in measured.iter().filter(|one| one.failed() > 0) {
        let (closed, open) = (&one.failed_closed, &one.failed_open);
        println!("failed, {} {:?}: closed loop {closed:?}, open loop {open:?}", one.server, one.method);
    }
    Ok(())
}
