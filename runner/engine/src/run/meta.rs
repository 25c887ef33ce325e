//! What `meta` tasks tell the engine.

use std::sync::atomic::Ordering;

use cutover_language::playbook::{Meta, Task};

use super::pace::Position;
use super::scope::Verdict;
use super::stopped::Stopped;
use super::walk::Walk;
use crate::sync::lock;

impl Walk {
    /// `leads`: what is for all is decided by the first host, under the linear strategy.
    pub(super) async fn meta(
        &self,
        meta: Meta,
        task: &Task,
        leads: bool,
        position: &Position,
    ) -> Result<(), Stopped> {
        let is_for_all = matches!(
            meta,
            Meta::EndPlay | Meta::EndBatch | Meta::ClearHostErrors | Meta::RefreshInventory
        );
        if is_for_all && !leads {
            return Ok(());
        }
        let terms = self.play.terms(&self.host, Some(task));
        match terms.verdict(&task.directives.when).map_err(Stopped::by)? {
            Verdict::Holds => {}
            Verdict::Fails { .. } | Verdict::Later(_) => return Ok(()),
        }
        match meta {
            Meta::FlushHandlers => self.flush_handlers(position).await,
            Meta::EndPlay => {
                self.play.ended.store(true, Ordering::Relaxed);
                Err(Stopped::Ended)
            }
            Meta::EndBatch => {
                self.ended.store(true, Ordering::Relaxed);
                Err(Stopped::Ended)
            }
            Meta::EndHost => Err(Stopped::Ended),
            Meta::EndRole => Err(Stopped::RoleEnded),
            Meta::ResetConnection => {
                self.play.world.connections.drop_host(&self.host);
                Ok(())
            }
            Meta::ClearFacts => {
                self.play.variables.clear_facts(&self.host);
                Ok(())
            }
            Meta::ClearHostErrors => {
                self.play.clear_errors();
                Ok(())
            }
            Meta::RefreshInventory => self.play.refresh_inventory().map_err(Stopped::by),
            Meta::Noop => Ok(()),
        }
    }

    /// Whether `meta` has ended the play or the batch.
    pub(super) fn is_over(&self) -> bool {
        self.ended.load(Ordering::Relaxed) || self.play.ended.load(Ordering::Relaxed)
    }
}

impl super::play::PlayRun {
    /// Hosts that failed, in this play or before it, take part in later plays again.
    fn clear_errors(&self) {
        let failing = lock(&self.failing).clone();
        lock(&self.forgiven).extend(failing);
        for stopped in lock(&self.stopped).values_mut() {
            if matches!(stopped, Stopped::Failed(_) | Stopped::Unreachable(_)) {
                *stopped = Stopped::Ended;
            }
        }
        self.cleared.store(true, Ordering::Relaxed);
        self.tell_active();
    }
}
