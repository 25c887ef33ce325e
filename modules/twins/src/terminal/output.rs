//! Bytes that become due.

use std::collections::VecDeque;
use std::time::Duration;

/// What a terminal will show, in order.
#[derive(Debug, Default)]
pub(crate) struct Output(VecDeque<(Duration, Vec<u8>)>);

impl Output {
    /// Bytes that are due at a time, but never before what was put in earlier.
    pub(crate) fn put(&mut self, due: Duration, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        let last = self.0.back().map_or(due, |(at, _)| *at);
        let due = due.max(last);
        match self.0.back_mut() {
            Some((at, waiting)) if *at == due => waiting.extend_from_slice(bytes),
            _ => self.0.push_back((due, bytes.to_vec())),
        }
    }

    /// Takes everything that is due by a time.
    pub(crate) fn take(&mut self, by: Duration) -> Vec<u8> {
        let mut bytes = Vec::new();
        while let Some((_, due)) = self.0.pop_front_if(|(at, _)| *at <= by) {
            bytes.extend(due);
        }
        bytes
    }

    /// Forgets what is not due yet.
    pub(crate) fn cut(&mut self, now: Duration) {
        self.0.retain(|(at, _)| *at <= now);
    }

    /// When the next bytes are due.
    pub(crate) fn next(&self) -> Option<Duration> {
        self.0.front().map(|(at, _)| *at)
    }
}
