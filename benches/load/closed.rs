//! The closed loop: so many articles are always under way, and the next is sent when one is answered.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::stream;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::Method;
use crate::lanes::{Lane, Lanes, Samples};

/// Keeps `callers` articles under way on each connection for `lasting`.
pub(crate) async fn run(lanes: &Lanes, callers: usize, lasting: Duration) -> anyhow::Result<Samples> {
    let began = Instant::now();
    let mut running = JoinSet::new();
    for lane in &lanes.lanes {
        match lanes.method {
            Method::Stream => {
                running.spawn(streamed(lane.clone(), callers, began, lasting));
            }
            Method::Unary => {
                for caller in 0..callers {
                    running.spawn(called(lane.clone(), (caller, callers), began, lasting));
                }
            }
        }
    }
    let mut all = Samples::default();
    while let Some(ended) = running.join_next().await {
        all.extend(ended??);
    }
    all.lasted = began.elapsed();
    Ok(all)
}

/// One of several callers on a connection; they take the articles by turns.
async fn called(
    lane: Lane,
    (caller, callers): (usize, usize),
    began: Instant,
    lasting: Duration,
) -> anyhow::Result<Samples> {
    let mut samples = Samples::default();
    let mut number = caller;
    while began.elapsed() < lasting {
        samples.add(&lane.call(number, Instant::now()).await);
        number += callers;
    }
    Ok(samples)
}

async fn streamed(lane: Lane, window: usize, began: Instant, lasting: Duration) -> anyhow::Result<Samples> {
    let room = Arc::new(Semaphore::new(window));
    let due = stream::unfold(Arc::clone(&room), move |room| async move {
        room.acquire().await.ok()?.forget();
        let now = began.elapsed();
        (now < lasting).then_some((now, room))
    });
    let mut samples = Samples::default();
    lane.stream(began, due, |sample| {
        samples.add(&sample);
        room.add_permits(1);
    })
    .await?;
    Ok(samples)
}
