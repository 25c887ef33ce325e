//! `until`: one item, tried as often as that asks for.

use std::time::Duration;

use cutover_kit::{Failure, Map, Value};
use cutover_language::playbook::Until;

use super::attempt::{Attempt, Prepared};
use super::scope::Terms;
use super::verdict::{Tried, ends_tries, exhausted, is_enough};
use crate::event::EventKind;

impl Attempt<'_> {
    /// Tries it, as often as `until` asks for.
    pub(super) async fn tries(&self, prepared: &Prepared) -> Tried {
        let Some(until) = &self.run.task.until else {
            return self.once(prepared, 1, false).await;
        };
        let (retries, delay) = match self.patience(until) {
            Ok(patience) => patience,
            Err(failure) => return Tried::failed(failure),
        };
        let mut attempt = 1;
        loop {
            let mut tried = self.once(prepared, attempt, retries > 0).await;
            let enough = match is_enough(until, &self.with_result(prepared, &tried), &tried) {
                Ok(enough) => enough || ends_tries(&tried),
                Err(failure) => return tried.or_failed(failure),
            };
            if enough || attempt > retries {
                if let Value::Map(result) = &mut tried.result
                    && retries > 0
                {
                    let tries = if enough { attempt } else { attempt.min(retries) };
                    result.insert("attempts".into(), tries.into());
                }
                return if enough { tried } else { exhausted(tried) };
            }
            self.run.walk.play.world.bus.emit(EventKind::Retrying {
                task: self.run.about.clone(),
                host: self.run.walk.host.clone(),
                left: retries - attempt + 1,
            });
            attempt += 1;
            if let Err(stopped) = self.run.walk.play.world.rest(delay).await {
                return Tried::failed(stopped);
            }
        }
    }

    fn patience(&self, until: &Until) -> Result<(u32, Duration), Failure> {
        let retries = self.terms.setting(until.retries.as_ref())?.unwrap_or(3);
        let delay = self.terms.setting(until.delay.as_ref())?.unwrap_or(5.0);
        Ok((
            u32::try_from(retries).unwrap_or(u32::MAX - 1),
            Duration::try_from_secs_f64(delay).unwrap_or_default(),
        ))
    }

    /// The terms in which the result is visible under its registered name.
    pub(super) fn with_result(&self, prepared: &Prepared, tried: &Tried) -> Terms {
        let name = self.run.task.register.as_ref().map(|name| name.value.clone());
        let mut seen = tried.result.as_map().cloned().unwrap_or_default();
        if let Some(name) = name {
            seen = Map::from_iter([(name, tried.result.clone())]);
        }
        prepared.terms.with(seen)
    }
}
