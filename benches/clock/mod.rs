//! The clock of what is measured on one core: processor time of this thread, which a busy machine disturbs less than a
//! clock on the wall.

use std::time::Duration;

/// Processor time so far.
#[cfg(unix)]
pub(crate) fn now() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// Time so far: there is no such clock here that is read without `unsafe`.
#[cfg(not(unix))]
pub(crate) fn now() -> Duration {
    static BEGAN: std::sync::LazyLock<std::time::Instant> = std::sync::LazyLock::new(std::time::Instant::now);
    BEGAN.elapsed()
}

/// What `work` takes, so many times over: for criterion's `iter_custom`.
#[allow(dead_code, reason = "training is measured once")]
pub(crate) fn rounds<T>(rounds: u64, mut work: impl FnMut() -> T) -> Duration {
    let began = now();
    for _ in 0..rounds {
        std::hint::black_box(work());
    }
    now().saturating_sub(began)
}
