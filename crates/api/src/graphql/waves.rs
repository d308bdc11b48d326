//! Reading in waves: every load that a query is waiting for is made at once, then the query goes on.
//!
//! The query is polled until it can go no further; only then are the loads that it has asked for begun,
//! each kind in one batch, and only when all of them are done does the query go on. So the number of
//! statements depends on the shape of the query alone: not on how long its lists are, nor on which read
//! happened to come back first. Nothing is spawned and no timer is waited for.

use std::{
    future::Future,
    pin::pin,
    sync::{Arc, Mutex, PoisonError},
    task::Poll,
    time::Duration,
};

use async_graphql::runtime::Timer;
use futures_util::{
    FutureExt as _,
    future::{BoxFuture, JoinAll, join_all},
    task::{FutureObj, Spawn, SpawnError},
};

/// The loads that a query has asked for and that have not begun.
#[derive(Clone, Default)]
pub(crate) struct Waves(Arc<Mutex<Vec<FutureObj<'static, ()>>>>);

impl Waves {
    /// Runs a query to its end, making its loads wave by wave.
    pub(crate) async fn run<Output>(&self, query: impl Future<Output = Output>) -> Output {
        let mut query = pin!(query);
        let mut wave: Option<JoinAll<FutureObj<'static, ()>>> = None;
        std::future::poll_fn(|context| {
            loop {
                if let Some(loads) = &mut wave {
                    if loads.poll_unpin(context).is_pending() {
                        return Poll::Pending;
                    }
                    wave = None;
                }
                if let Poll::Ready(output) = query.as_mut().poll(context) {
                    return Poll::Ready(output);
                }
                let loads =
                    std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
                if loads.is_empty() {
                    return Poll::Pending;
                }
                wave = Some(join_all(loads));
            }
        })
        .await
    }

    fn push(&self, load: FutureObj<'static, ()>) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(load);
    }
}

impl Spawn for Waves {
    fn spawn_obj(&self, load: FutureObj<'static, ()>) -> Result<(), SpawnError> {
        self.push(load);
        Ok(())
    }
}

/// A batch is full when the query can go no further: there is no time to wait for.
pub(crate) struct AtOnce;

impl Timer for AtOnce {
    fn delay(&self, _: Duration) -> BoxFuture<'static, ()> {
        std::future::ready(()).boxed()
    }
}
