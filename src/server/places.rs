//! Places for calls or streams, counted by connection: one connection that asks without end must not take all of them,
//! or whoever comes by another would be turned away for its sake. Knows no job.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashMap;

/// Of the places that wait, one in so many is kept from a connection that holds half of all.
const RESERVE: usize = 4;

/// So many places.
#[derive(Debug)]
pub(super) struct Places {
    all: usize,
    /// Kept for connections that hold few.
    reserve: usize,
    taken: Mutex<Taken>,
}

/// The places that are taken, by connection; `None` where it is not known.
#[derive(Debug, Default)]
struct Taken {
    all: usize,
    by: FxHashMap<Option<SocketAddr>, usize>,
}

impl Places {
    /// `working` places, and `waiting` more.
    pub(super) fn new(working: usize, waiting: usize) -> Self {
        Self { all: working.saturating_add(waiting), reserve: waiting / RESERVE, taken: Mutex::default() }
    }

    /// A place for whoever is at the other end of `connection`, if there is one for it.
    pub(super) fn take(self: &Arc<Self>, connection: Option<SocketAddr>) -> Option<Place> {
        let mut taken = self.taken();
        let own = taken.by.get(&connection).copied().unwrap_or(0);
        let most = if own >= self.all / 2 { self.all - self.reserve } else { self.all };
        if taken.all >= most {
            return None;
        }
        taken.all += 1;
        taken.by.insert(connection, own + 1);
        drop(taken);
        Some(Place { places: Arc::clone(self), connection })
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place, given back when dropped.
#[derive(Debug)]
pub(super) struct Place {
    places: Arc<Places>,
    connection: Option<SocketAddr>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken();
        taken.all -= 1;
        match taken.by.get_mut(&self.connection) {
            Some(own) if *own > 1 => *own -= 1,
            _ => drop(taken.by.remove(&self.connection)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection(port: u16) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], port))
    }

    fn take(places: &Arc<Places>, port: u16, times: usize) -> Vec<Place> {
        (0..times).map_while(|_| places.take(Some(connection(port)))).collect()
    }

    #[test]
    fn a_greedy_connection_leaves_places_to_others() {
        let places = Arc::new(Places::new(2, 8));
        let greedy = take(&places, 1, 100);
        assert_eq!(greedy.len(), 8, "all but a quarter of those that wait");
        let modest = take(&places, 2, 100);
        assert_eq!(modest.len(), 2, "the rest");
        assert!(places.take(Some(connection(3))).is_none(), "there are no more than there are");
        drop(greedy);
        assert_eq!(take(&places, 3, 100).len(), 6, "given back, and the other keeps its two");
        assert_eq!(take(&places, 2, 100).len(), 6, "beside its two");
        drop(modest);
        assert!(places.taken().by.is_empty(), "a connection without a place is forgotten");
    }

    #[test]
    fn a_short_queue_has_no_reserve() {
        for waiting in 0..RESERVE {
            let places = Arc::new(Places::new(1, waiting));
            assert_eq!(take(&places, 1, 100).len(), 1 + waiting);
        }
    }
}
