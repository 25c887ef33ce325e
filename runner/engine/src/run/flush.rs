//! Running the handlers that were notified.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::pace::Position;
use super::stopped::Stopped;
use super::walk::{Going, Once, Walk};
use crate::event::Section;

impl Walk {
    /// Runs what was notified, in the order in which it is defined. What a handler notifies
    /// behind it runs in the same round, what stands before it in the next.
    pub(super) fn flush_handlers<'a>(&'a self, position: &'a Position) -> Going<'a> {
        Box::pin(async move {
            let mut result = Ok(());
            let mut round = 0;
            while self.play.is_notified(&self.host) {
                round += 1;
                result = result.and(self.round(position, round).await);
                if result.is_err() && !self.play.forces_handlers() {
                    break;
                }
            }
            result
        })
    }

    async fn round(&self, position: &Position, round: u32) -> Result<(), Stopped> {
        let walk = self.handling(position, round);
        let mut at = position.within(round);
        let mut result = Ok(());
        let mut index = 0;
        while let Some(handler) = self.play.handler(index) {
            if self.play.take_notified(&self.host, index) {
                let id = format!("{}/{index}", walk.prefix);
                let ended = walk.task(&handler.task, id, at.clone()).await;
                result = result.and(ended);
                if result.is_err() && !self.play.forces_handlers() {
                    break;
                }
            }
            index += 1;
            at = at.plus(1);
        }
        result
    }

    /// This walk among the handlers. All hosts that flush at the same place share it.
    fn handling(&self, position: &Position, round: u32) -> Walk {
        Walk {
            play: self.play.clone(),
            host: self.host.clone(),
            section: Section::Handlers,
            prefix: format!("{}/handlers", self.prefix),
            called: self.called.clone(),
            once: Once {
                key: format!("{} flush {position} {round}", self.once.key).into(),
                hosts: self.once.hosts.clone(),
            },
            pace: self.pace.clone(),
            in_lane: self.in_lane,
            ended: Arc::new(AtomicBool::new(false)),
            marks: self.marks.onwards(),
            deeds: self.deeds.clone(),
        }
    }

    /// The end of a section: its handlers, also for a host that failed where they are forced.
    pub(super) async fn at_the_end(
        &self,
        result: Result<(), Stopped>,
        position: &Position,
    ) -> Result<(), Stopped> {
        if result.is_ok()
            && let Some(pace) = &self.pace
        {
            // Who leads may still be ending the play for all.
            pace.step(self.play.order_of(&self.host), position).await;
        }
        match &result {
            Ok(()) => {
                self.may_go_on(position)?;
                self.flush_handlers(position).await
            }
            Err(Stopped::Failed(_)) if self.play.forces_handlers() && self.play.doom().is_none() => {
                // That the host failed is what counts.
                let _ = self.flush_handlers(position).await;
                result
            }
            Err(_) => result,
        }
    }
}
