//! A task whose whole outcome follows from its arguments.

use async_trait::async_trait;
use cutover_kit::estate::Host;
use cutover_kit::registry::{AnyTask, Described};
use cutover_kit::{Applied, Change, Failure, FailureKind, Map, Plan, Proved, Reach, Read, Write};

/// Reads nothing, changes nothing, and has this result.
///
/// Arguments decoded by serde lose what is secret or known later in them. The modules that only
/// pass values through take them as they are and settle here.
pub(crate) struct Settled {
    why: &'static str,
    result: Map,
}

impl Settled {
    pub(crate) fn new(why: &'static str, result: Map) -> Self {
        Self { why, result }
    }
}

#[async_trait]
impl AnyTask for Settled {
    fn disruptive(&self, _host: &Host) -> bool {
        false
    }

    async fn look(&mut self, _reach: &Reach<Read>) -> Result<(), Failure> {
        Ok(())
    }

    fn plan(&mut self) -> Result<Plan<Described>, Failure> {
        Ok(Plan::nothing(self.why).with(self.result.clone()))
    }

    async fn apply(&self, index: usize, _reach: &Reach<Write>) -> Result<Applied, Failure> {
        let message = format!("there is no change {index} to make");
        Err(Failure::new(FailureKind::Internal, message))
    }

    async fn prove(&self, _reach: &Reach<Read>) -> Result<Proved, Failure> {
        Ok(Proved::default())
    }
}

/// The change of a module that makes none.
#[derive(Clone, Copy, Debug)]
pub enum Never {}

impl Change for Never {
    fn describe(&self) -> String {
        match *self {}
    }
}
