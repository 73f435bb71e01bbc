//! The open loop: articles are due at a fixed rate, whatever became of those before, and timed from when they were due.
//! What is under way is not bounded but by the rate and the time: that is the point of it.

use std::time::{Duration, Instant};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::{JoinSet, spawn_blocking};
use tokio_stream::wrappers::UnboundedReceiverStream;

use crate::Method;
use crate::lanes::{Lane, Lanes, Samples};

/// Sends `rate` articles a second over all connections for `lasting`, and waits for the answers.
pub(crate) async fn run(lanes: &Lanes, rate: f64, lasting: Duration) -> anyhow::Result<Samples> {
    let began = Instant::now();
    let mut running = JoinSet::new();
    let mut senders = vec![];
    for lane in &lanes.lanes {
        let (sender, due) = unbounded_channel();
        senders.push(sender);
        match lanes.method {
            Method::Unary => running.spawn(called(lane.clone(), due, began)),
            Method::Stream => running.spawn(streamed(lane.clone(), due, began)),
        };
    }
    // A thread of its own: the runtime's clock ticks in milliseconds, and a busy runtime wakes late.
    spawn_blocking(move || pace(&senders, rate, began, lasting));
    let mut all = Samples::default();
    while let Some(ended) = running.join_next().await {
        all.extend(ended??);
    }
    all.lasted = began.elapsed();
    Ok(all)
}

/// Tells the connections by turns that an article is due.
fn pace(senders: &[UnboundedSender<Duration>], rate: f64, began: Instant, lasting: Duration) {
    let due = (0_u32..).map(|number| Duration::from_secs_f64(f64::from(number) / rate));
    for (due, sender) in due.take_while(|due| *due < lasting).zip(senders.iter().cycle()) {
        std::thread::sleep(due.saturating_sub(began.elapsed()));
        // A connection that failed has ended with an error, which is told when all have ended.
        let _ = sender.send(due);
    }
}

async fn called(lane: Lane, mut due: UnboundedReceiver<Duration>, began: Instant) -> anyhow::Result<Samples> {
    let mut calls = JoinSet::new();
    let mut number = 0;
    while let Some(due) = due.recv().await {
        let lane = lane.clone();
        calls.spawn(async move { lane.call(number, began + due).await });
        number += 1;
    }
    let mut samples = Samples::default();
    while let Some(sample) = calls.join_next().await {
        samples.add(&sample?);
    }
    Ok(samples)
}

async fn streamed(lane: Lane, due: UnboundedReceiver<Duration>, began: Instant) -> anyhow::Result<Samples> {
    let mut samples = Samples::default();
    lane.stream(began, UnboundedReceiverStream::new(due), |sample| samples.add(&sample)).await?;
    Ok(samples)
}
