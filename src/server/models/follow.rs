//! Loads again when asked, and when the files say so.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use tokio::time::{MissedTickBehavior, interval};

use super::Models;

/// How often the files are looked at. A second later than one would like is soon enough, and asking the
/// file system is the same everywhere, which its notices are not.
const LOOK: Duration = Duration::from_secs(1);

/// Loads again whenever `asked` says so, and when the link `current` or a party table has changed and
/// then stood still between two looks. Runs until it is dropped.
///
/// What is refused is told in the log, once a change, and what was loaded goes on answering.
pub async fn follow(models: Arc<Models>, mut asked: mpsc::Receiver<()>) {
    let mut look = interval(LOOK);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut taken = Some(models.loaded().mark().clone());
    let mut last = None;
    loop {
        let told = tokio::select! {
            _ = look.tick() => false,
            Some(()) = asked.recv() => true,
        };
        let mark = blocking(&models, |models| models.source.mark()).await;
        let settled = last.as_ref() == mark.as_ref();
        last = mark.clone();
        if told || (taken != mark && settled) {
            taken = mark;
            blocking(&models, reload).await;
        }
    }
}

fn reload(models: &Models) {
    match models.reload() {
        Ok(()) => {
            let current = models.current();
            let manifest = current.model().manifest();
            let loaded = models.loaded().all().count();
            tracing::info!(name = %manifest.name, version = %manifest.version, loaded, "loaded again");
        }
        Err(error) => tracing::error!(%error, "loading again is refused; what was loaded goes on answering"),
    }
}

/// Off the async threads; `None` after a panic, which is a bug and does not end the following.
async fn blocking<T: Send + 'static>(
    models: &Arc<Models>,
    job: impl FnOnce(&Models) -> T + Send + 'static,
) -> Option<T> {
    let models = Arc::clone(models);
    let done = spawn_blocking(move || job(&models)).await;
    done.inspect_err(|error| tracing::error!(%error, "looking after the models failed; this is a bug")).ok()
}
