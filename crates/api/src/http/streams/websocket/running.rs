//! The operations of one connection, each with the identity that its client has given it.

use std::{
    sync::Arc,
    task::{Context, Poll},
};

use futures_util::StreamExt as _;

use super::super::operations::{Replies, Reply};

/// The operations that run.
#[derive(Default)]
pub(super) struct Running {
    operations: Vec<(Arc<str>, Replies)>,
    /// Which is asked first: each in its turn, so that none waits for one that has much to say.
    first: usize,
}

impl Running {
    pub(super) fn add(&mut self, id: Arc<str>, replies: Replies) {
        self.operations.push((id, replies));
    }

    /// Stops one, wherever it stands.
    pub(super) fn stop(&mut self, id: &str) {
        self.operations.retain(|(known, _)| &**known != id);
        if self.operations.is_empty() {
            // Of a connection that does nothing, nothing is kept.
            self.operations = Vec::new();
        }
    }

    /// The next reply of any of them; none of one that has come to its end.
    pub(super) async fn next(&mut self) -> (Arc<str>, Option<Reply>) {
        std::future::poll_fn(|context| self.poll_next(context)).await
    }

    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<(Arc<str>, Option<Reply>)> {
        let count = self.operations.len();
        for step in 0..count {
            let place = (self.first + step) % count;
            let Some((id, replies)) = self.operations.get_mut(place) else {
                continue;
            };
            if let Poll::Ready(reply) = replies.poll_next_unpin(context) {
                let id = id.clone();
                self.first = place + 1;
                return Poll::Ready((id, reply));
            }
        }
        Poll::Pending
    }
}
