//! A server under test: started as a process of its own, or running already.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, ensure};

/// What Linux counts the time of a process in.
const TICK: Duration = Duration::from_millis(10);

/// A server and where it listens. One that was started is ended when this is dropped.
pub(crate) struct Server {
    pub(crate) name: String,
    pub(crate) addresses: Vec<String>,
    child: Option<Child>,
    /// Held and not read: a server may go on writing there.
    output: Option<BufReader<ChildStdout>>,
}

impl Server {
    /// One that somebody else started.
    pub(crate) fn running(address: &str) -> Self {
        Self { name: address.to_owned(), addresses: vec![address.to_owned()], child: None, output: None }
    }

    /// Starts one and waits until it says where it listens.
    pub(crate) fn start(name: &str, mut command: Command) -> anyhow::Result<Self> {
        let spawned = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child = spawned.with_context(|| format!("cannot start {command:?}"))?;
        let mut output = BufReader::new(child.stdout.take().context("no standard output")?);
        let mut server = Self { name: name.to_owned(), addresses: vec![], child: Some(child), output: None };
        let mut line = String::new();
        output.read_line(&mut line)?;
        let last = line.trim().rsplit(' ').next().unwrap_or_default();
        ensure!(last.contains(':'), "{command:?} did not say where it listens: {line:?}");
        server.addresses = last.split(',').map(str::to_owned).collect();
        server.output = Some(output);
        Ok(server)
    }

    /// Processor time so far, its children's too; `None` where it cannot be told.
    pub(crate) fn cpu(&self) -> Option<Duration> {
        self.processes()?.iter().map(|&process| cpu_of(process)).sum()
    }

    /// Most memory that was resident, in kB, its children's too; `None` where it cannot be told.
    pub(crate) fn peak_memory(&self) -> Option<u64> {
        self.processes()?.iter().map(|&process| peak_of(process)).sum()
    }

    /// Its process and those it started itself.
    fn processes(&self) -> Option<Vec<u32>> {
        let own = self.child.as_ref()?.id();
        let children = fs::read_to_string(format!("/proc/{own}/task/{own}/children")).ok()?;
        Some([own].into_iter().chain(children.split_whitespace().filter_map(|id| id.parse().ok())).collect())
    }
}

fn cpu_of(process: u32) -> Option<Duration> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name before may hold anything; user and system time are the 14th and 15th field.
    let fields: Vec<&str> = stat.rsplit(')').next()?.split_whitespace().collect();
    let ticks: u32 = fields.get(11)?.parse::<u32>().ok()? + fields.get(12)?.parse::<u32>().ok()?;
    Some(TICK * ticks)
}

fn peak_of(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            // A server that starts others ends them when its standard input ends.
            drop(child.stdin.take());
            std::thread::sleep(Duration::from_millis(200));
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
