//! One host's way through a list of tasks and blocks.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use cutover_kit::{Failure, FailureKind, Map};
use cutover_language::playbook::{Action, Block, Item, Meta, Task};

use super::pace::Pace;
use super::play::PlayRun;
use super::stopped::Stopped;
use super::task::TaskRun;
use crate::event::{EventKind, Section};

/// One host in one section of a play or phase.
pub(super) struct Walk {
    /// The play.
    pub play: Arc<PlayRun>,
    /// The host.
    pub host: String,
    /// The section.
    pub section: Section,
    /// What task ids begin with: play, phase and section.
    pub prefix: String,
    /// The phase or section by name, as later steps call it.
    pub called: String,
    /// Who shares a `run_once` task with this host.
    pub once: Once,
    /// How hosts keep step, under the linear strategy.
    pub pace: Option<Arc<Pace>>,
    /// Whether any task of this section ran on this host.
    pub ran: AtomicBool,
}

/// Who shares a `run_once` task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Once {
    /// What the cell's key begins with.
    pub key: String,
    /// The hosts, in order.
    pub hosts: Vec<String>,
}

type Going<'a> = Pin<Box<dyn Future<Output = Result<(), Stopped>> + Send + 'a>>;

impl Walk {
    /// Goes through all of `items`.
    pub(super) async fn go(&self, items: &[Item]) -> Result<(), Stopped> {
        let result = self.items(items, &self.prefix, 0).await;
        if let Some(pace) = &self.pace {
            pace.leave(self.play.order_of(&self.host));
        }
        result
    }

    /// `position` counts the tasks before these, in the order they are written.
    fn items<'a>(&'a self, items: &'a [Item], path: &'a str, mut position: u32) -> Going<'a> {
        Box::pin(async move {
            for (index, item) in items.iter().enumerate() {
                let path = format!("{path}/{index}");
                match item {
                    Item::Task(task) => self.task(task, path, position).await?,
                    Item::Block(block) => self.block(block, &path, position).await?,
                }
                position += count(item);
            }
            Ok(())
        })
    }

    async fn block(&self, block: &Block, path: &str, position: u32) -> Result<(), Stopped> {
        let rescue_at = position + block.items.iter().map(count).sum::<u32>();
        let always_at = rescue_at + block.rescue.iter().map(count).sum::<u32>();
        let mut result = self.items(&block.items, path, position).await;
        if let Err(stopped) = &result
            && stopped.can_be_rescued()
            && !block.rescue.is_empty()
        {
            result = self
                .items(&block.rescue, &format!("{path}/rescue"), rescue_at)
                .await;
            if result.is_ok() {
                self.play.world.bus.emit(EventKind::Rescued {
                    host: self.host.clone(),
                });
            }
        }
        if result.as_ref().err().is_none_or(Stopped::runs_always) {
            let always = self
                .items(&block.always, &format!("{path}/always"), always_at)
                .await;
            result = result.and(always);
        }
        result
    }

    async fn task(&self, task: &Task, id: String, position: u32) -> Result<(), Stopped> {
        if !self.play.chooses(task, self) {
            return Ok(());
        }
        let order = self.play.order_of(&self.host);
        let leader = match &self.pace {
            Some(pace) => Some(pace.step(order, position).await),
            None => None,
        };
        self.may_go_on()?;
        self.ran.store(true, Ordering::Relaxed);
        if let Action::Meta(meta) = &task.action {
            return self.meta(meta.value).await;
        }
        let leads = leader.is_none_or(|leader| leader == order);
        let result = TaskRun::new(self, task, id, leads).run().await;
        if let Some(pace) = &self.pace {
            pace.working(order);
        }
        result
    }

    /// Ctrl-C and failures elsewhere that end the play for all.
    fn may_go_on(&self) -> Result<(), Stopped> {
        if self.play.world.stop.is_asked() {
            let message = "stopped on request";
            return Err(Stopped::Suspended(Failure::new(FailureKind::Awaiting, message)));
        }
        match self.play.doom() {
            Some(why) => Err(Stopped::Failed(Failure::new(FailureKind::Task, why))),
            None => Ok(()),
        }
    }

    async fn meta(&self, meta: Meta) -> Result<(), Stopped> {
        match meta {
            Meta::FlushHandlers => self.flush_handlers().await,
            Meta::EndPlay | Meta::EndBatch | Meta::EndHost => Err(Stopped::Ended),
            Meta::ResetConnection => {
                self.play.world.connections.drop_host(&self.host);
                Ok(())
            }
            Meta::ClearFacts => {
                self.play.variables.clear_facts(&self.host);
                Ok(())
            }
            Meta::Noop | Meta::EndRole | Meta::ClearHostErrors | Meta::RefreshInventory => Ok(()),
        }
    }

    /// Runs what was notified, in the order in which it is defined, until nothing is left.
    pub(super) async fn flush_handlers(&self) -> Result<(), Stopped> {
        let handlers = self.play.play.handlers.clone();
        loop {
            let due = self.play.take_notified(&self.host, &handlers);
            if due.is_empty() {
                return Ok(());
            }
            let walk = Walk {
                play: self.play.clone(),
                host: self.host.clone(),
                section: Section::Handlers,
                prefix: format!("{}/handlers", self.prefix),
                called: self.called.clone(),
                once: self.once.clone(),
                pace: None,
                ran: AtomicBool::new(false),
            };
            for index in due {
                let id = format!("{}/{index}", walk.prefix);
                TaskRun::new(&walk, &handlers[index].task, id, true).run().await?;
            }
        }
    }

    /// What `ansible_failed_task` and `ansible_failed_result` say in a rescue.
    pub(super) fn remember_failure(&self, task: &str, action: &str, result: Map) {
        self.play
            .variables
            .remember_failure(&self.host, task, action, result);
    }
}

fn count(item: &Item) -> u32 {
    u32::try_from(item.tasks().len()).unwrap_or(u32::MAX)
}
