//! Typed modules behind one object-safe face.

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value as Json;

use crate::args::{self, ArgsError};
use crate::estate::Host;
use crate::failure::{Failure, FailureKind};
use crate::module::{Applied, Change, Diff, Module, Plan, Proved, Standing, Traits};
use crate::reach::{Reach, Read, Write};
use crate::value::Value;

/// A module of any type.
pub trait AnyModule: Send + Sync + 'static {
    /// Its name in playbooks.
    fn name(&self) -> &'static str;

    /// What the engine must know beforehand.
    fn traits(&self) -> Traits;

    /// Whether what it does is one command, which can go on by itself on the host.
    fn detaches(&self) -> bool {
        false
    }

    /// JSON Schema of its arguments; the descriptions are the manual.
    fn schema(&self) -> Json;

    /// Whether its result may set variables that nobody can know beforehand (`ansible_facts`).
    fn sets_variables(&self) -> bool {
        false
    }

    /// Why it cannot be used at all, and what to use instead; a module of the site may be such.
    fn unusable(&self) -> Option<String> {
        None
    }

    /// A call with these arguments.
    fn call(&'static self, args: &Value) -> Result<Box<dyn AnyTask>, ArgsError>;
}

/// One call of a module on one host, from look to prove.
#[async_trait]
pub trait AnyTask: Send + Sync {
    /// Whether a change takes `host`, or a part of it, out of service.
    fn disruptive(&self, host: &Host) -> bool;

    /// How another member of the cluster or pool stands, where this task can tell.
    async fn standing(&self, member: &Host, reach: &Reach<Read>) -> Result<Option<Standing>, Failure> {
        let _ = (member, reach);
        Ok(None)
    }

    /// Reads what the plan needs.
    async fn look(&mut self, reach: &Reach<Read>) -> Result<(), Failure>;

    /// Decides; the typed changes stay inside.
    fn plan(&mut self) -> Result<Plan<Described>, Failure>;

    /// Makes the change of this index.
    async fn apply(&self, index: usize, reach: &Reach<Write>) -> Result<Applied, Failure>;

    /// Reads back what this call changed.
    async fn prove(&self, reach: &Reach<Read>) -> Result<Proved, Failure>;

    /// A call whose one change takes the change of this index back; `None` where nothing does.
    /// To be asked for before the change is made.
    fn undo(&self, index: usize) -> Option<Box<dyn AnyTask>> {
        let _ = index;
        None
    }
}

/// A change as the engine sees it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Described {
    /// In one line.
    pub text: String,
    /// Before and after, where that says more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diff: Option<Diff>,
    /// Why this cannot be undone, where it cannot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_return: Option<String>,
}

impl<M: Module> AnyModule for M {
    fn name(&self) -> &'static str {
        M::NAME
    }

    fn traits(&self) -> Traits {
        Module::traits(self)
    }

    fn detaches(&self) -> bool {
        Module::detaches(self)
    }

    fn schema(&self) -> Json {
        args::schema::<M::Args>(M::NAME)
    }

    fn sets_variables(&self) -> bool {
        Module::sets_variables(self)
    }

    fn call(&'static self, given: &Value) -> Result<Box<dyn AnyTask>, ArgsError> {
        let args = args::decode::<M::Args>(given)?;
        Ok(Box::new(Call {
            module: self,
            args: Arc::new(args),
            facts: None,
            changes: Vec::new(),
        }))
    }
}

struct Call<M: Module> {
    module: &'static M,
    args: Arc<M::Args>,
    facts: Option<Arc<M::Facts>>,
    changes: Vec<M::Change>,
}

impl<M: Module> Call<M> {
    fn facts(&self) -> Result<&M::Facts, Failure> {
        self.facts.as_deref().ok_or_else(|| {
            Failure::new(
                FailureKind::Internal,
                format!("{} was asked for more before it looked", M::NAME),
            )
        })
    }
}

#[async_trait]
impl<M: Module> AnyTask for Call<M> {
    fn disruptive(&self, host: &Host) -> bool {
        self.module.disruptive(&self.args, host)
    }

    async fn standing(&self, member: &Host, reach: &Reach<Read>) -> Result<Option<Standing>, Failure> {
        self.module.standing(&self.args, member, reach).await
    }

    async fn look(&mut self, reach: &Reach<Read>) -> Result<(), Failure> {
        self.facts = Some(Arc::new(self.module.look(&self.args, reach).await?));
        Ok(())
    }

    fn plan(&mut self) -> Result<Plan<Described>, Failure> {
        let mut plan = self.module.plan(&self.args, self.facts()?)?;
        self.changes = std::mem::take(&mut plan.changes);
        let changes = self.changes.iter().map(describe).collect();
        Ok(Plan {
            changes,
            why: plan.why,
            result: plan.result,
            makes: plan.makes,
            later: plan.later,
        })
    }

    async fn apply(&self, index: usize, reach: &Reach<Write>) -> Result<Applied, Failure> {
        let change = self.changes.get(index).ok_or_else(|| {
            Failure::new(
                FailureKind::Internal,
                format!("{} has no change {index}", M::NAME),
            )
        })?;
        self.module.apply(&self.args, self.facts()?, change, reach).await
    }

    async fn prove(&self, reach: &Reach<Read>) -> Result<Proved, Failure> {
        self.module.prove(&self.args, self.facts()?, reach).await
    }

    fn undo(&self, index: usize) -> Option<Box<dyn AnyTask>> {
        let facts = self.facts.clone()?;
        let change = self.module.undo(&self.args, &facts, self.changes.get(index)?)?;
        Some(Box::new(Undo {
            module: self.module,
            args: self.args.clone(),
            facts,
            change,
        }))
    }
}

/// A change that takes another back: decided before that was made, so there is nothing to look at.
struct Undo<M: Module> {
    module: &'static M,
    args: Arc<M::Args>,
    facts: Arc<M::Facts>,
    change: M::Change,
}

#[async_trait]
impl<M: Module> AnyTask for Undo<M> {
    fn disruptive(&self, host: &Host) -> bool {
        self.module.undo_disrupts(&self.args, host)
    }

    async fn standing(&self, member: &Host, reach: &Reach<Read>) -> Result<Option<Standing>, Failure> {
        self.module.standing(&self.args, member, reach).await
    }

    async fn look(&mut self, _: &Reach<Read>) -> Result<(), Failure> {
        Ok(())
    }

    fn plan(&mut self) -> Result<Plan<Described>, Failure> {
        Ok(Plan::of(
            vec![describe(&self.change)],
            "takes back what was done before",
        ))
    }

    async fn apply(&self, _: usize, reach: &Reach<Write>) -> Result<Applied, Failure> {
        self.module
            .apply(&self.args, &self.facts, &self.change, reach)
            .await
    }

    async fn prove(&self, _: &Reach<Read>) -> Result<Proved, Failure> {
        Ok(Proved::default())
    }
}

fn describe<C: Change>(change: &C) -> Described {
    Described {
        text: change.describe(),
        diff: change.diff(),
        no_return: change.no_return(),
    }
}
