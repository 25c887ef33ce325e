//! `--step`: somebody is asked before each task.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use tokio::sync::OnceCell;

use crate::sync::lock;

/// Who is asked.
#[async_trait]
pub trait Asked: Send + Sync {
    /// Whether the task of this name is to run.
    async fn perform(&self, task: &str) -> Answer;
}

/// What they say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Leave it out.
    No,
    /// Run it.
    Yes,
    /// Run it and everything after it.
    Continue,
}

/// The answers of a run. The first host that comes to a task asks for all of them.
pub(super) struct Steps {
    asked: Arc<dyn Asked>,
    answers: Mutex<BTreeMap<String, Arc<OnceCell<bool>>>>,
    /// Nobody is asked any more.
    over: AtomicBool,
}

impl Steps {
    pub(super) fn new(asked: Arc<dyn Asked>) -> Self {
        Self {
            asked,
            answers: Mutex::default(),
            over: AtomicBool::new(false),
        }
    }

    /// Whether a task is to run: `key` tells its occasions apart, `title` is shown.
    pub(super) async fn allow(&self, key: &str, title: String) -> bool {
        let cell = lock(&self.answers).entry(key.to_owned()).or_default().clone();
        *cell.get_or_init(|| self.ask(&title)).await
    }

    async fn ask(&self, title: &str) -> bool {
        if self.over.load(Ordering::Acquire) {
            return true;
        }
        match self.asked.perform(title).await {
            Answer::Continue => {
                self.over.store(true, Ordering::Release);
                true
            }
            Answer::Yes => true,
            Answer::No => false,
        }
    }
}
