//! A small ground for this crate's tests: one host, the runtime's clock, real processes.

mod ground;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cutover_kit::estate::{Decisions, Deployment, Node};
use cutover_kit::module::Standing;
use cutover_kit::reach::{Background, Made};
use cutover_kit::registry::Described;
use cutover_kit::secret::Origin;
use cutover_kit::session::Endpoint;
use cutover_kit::timing::Timing;
use cutover_kit::{
    AnyModule, Applied, Become, Estate, Failure, FailureKind, Host, Module, Note, Plan, Platform, Reach,
    Secret, Value,
};
use tokio::time::Instant;

use crate::posix::PosixConnection;
use ground::{Ticking, Told};

/// Runs one module on one host.
#[derive(Clone)]
pub(crate) struct Bench(Arc<Inner>);

struct Inner {
    estate: Estate,
    clock: Ticking,
    play: BTreeSet<String>,
    told: Arc<Told>,
    typed: Option<String>,
    made: Vec<Made>,
    environment: Vec<(String, Secret)>,
    becoming: Option<Become>,
    background: Option<Background>,
    beside: Vec<PathBuf>,
    connection: Arc<PosixConnection>,
}

impl Bench {
    /// A bench whose host is this machine.
    pub(crate) fn local() -> Self {
        Self::new(
            Platform::Local,
            PosixConnection::here("box", Arc::new(Ticking(Instant::now()))),
        )
    }

    /// A bench whose host is another, for which this machine stands in.
    pub(crate) fn posix_here() -> Self {
        let clock = Arc::new(Ticking(Instant::now()));
        Self::posix(PosixConnection::here("box", clock))
    }

    /// A bench whose host is reached over this connection.
    pub(crate) fn posix(connection: PosixConnection) -> Self {
        Self::new(Platform::Posix, connection)
    }

    fn new(platform: Platform, connection: PosixConnection) -> Self {
        Self(Arc::new(Inner {
            estate: Estate::new([host(platform)]),
            clock: Ticking(Instant::now()),
            play: BTreeSet::from(["box".to_owned()]),
            told: Arc::default(),
            typed: None,
            made: Vec::new(),
            environment: Vec::new(),
            becoming: None,
            background: None,
            beside: Vec::new(),
            connection: Arc::new(connection),
        }))
    }

    fn with(self, change: impl FnOnce(&mut Inner)) -> Self {
        let mut inner = Arc::into_inner(self.0).expect("a bench is set up before it is used");
        change(&mut inner);
        Self(Arc::new(inner))
    }

    /// Somebody sits there and types this.
    pub(crate) fn typing(self, text: &str) -> Self {
        self.with(|inner| inner.typed = Some(text.to_owned()))
    }

    /// This is a check run, in which an earlier step would make this.
    pub(crate) fn making(self, made: Made) -> Self {
        self.with(|inner| inner.made.push(made))
    }

    /// Files are looked for beside this folder.
    pub(crate) fn beside(self, folder: &Path) -> Self {
        self.with(|inner| inner.beside.push(folder.to_owned()))
    }

    /// The task's environment.
    pub(crate) fn environment(self, name: &str, value: &str) -> Self {
        let value = Secret::new(value, Origin::Argument);
        self.with(|inner| inner.environment.push((name.to_owned(), value)))
    }

    /// The task's `become`.
    pub(crate) fn becoming(self, to: Become) -> Self {
        self.with(|inner| inner.becoming = Some(to))
    }

    /// The task's `async` and `poll`.
    pub(crate) fn background(self, background: Background) -> Self {
        self.with(|inner| inner.background = Some(background))
    }

    /// Looks and plans.
    pub(crate) async fn plan<M: Module>(
        &self,
        module: &'static M,
        args: Value,
    ) -> Result<Plan<Described>, Failure> {
        let mut task = AnyModule::call(module, &args).map_err(arguments)?;
        task.look(&Reach::new(self.0.clone())).await?;
        task.plan()
    }

    /// Looks, plans, and makes the one change.
    pub(crate) async fn run<M: Module>(&self, module: &'static M, args: Value) -> Result<Applied, Failure> {
        let mut task = AnyModule::call(module, &args).map_err(arguments)?;
        task.look(&Reach::new(self.0.clone())).await?;
        assert_eq!(task.plan()?.changes.len(), 1, "one change was expected");
        task.apply(0, &Reach::new(self.0.clone())).await
    }

    /// How another member stands, as this task sees it.
    pub(crate) async fn standing<M: Module>(
        &self,
        module: &'static M,
        args: Value,
        member: &Host,
    ) -> Result<Option<Standing>, Failure> {
        let task = AnyModule::call(module, &args).map_err(arguments)?;
        task.standing(member, &Reach::new(self.0.clone())).await
    }

    /// Looks and plans: how many changes there would be.
    pub(crate) async fn check(&self, module: &'static dyn AnyModule, args: &Value) -> Result<usize, Failure> {
        let mut task = module.call(args).map_err(arguments)?;
        task.look(&Reach::new(self.0.clone())).await?;
        Ok(task.plan()?.changes.len())
    }

    /// Looks, plans, and makes every change: whether there was any, and the result.
    pub(crate) async fn task(&self, module: &'static dyn AnyModule, args: &Value) -> Result<Done, Failure> {
        self.task_while(module, args, || {}).await
    }

    /// The same, where this happens between the plan and the changes.
    pub(crate) async fn task_while(
        &self,
        module: &'static dyn AnyModule,
        args: &Value,
        happens: impl FnOnce(),
    ) -> Result<Done, Failure> {
        let mut task = module.call(args).map_err(arguments)?;
        task.look(&Reach::new(self.0.clone())).await?;
        let plan = task.plan()?;
        happens();
        let mut fields = plan.result;
        for index in 0..plan.changes.len() {
            fields.extend(task.apply(index, &Reach::new(self.0.clone())).await?.fields);
        }
        Ok(Done {
            changes: plan.changes,
            fields: Value::Map(fields),
        })
    }

    /// Looks, plans, makes every change, calls `between`, and takes the changes back, the last first:
    /// what did so. A change that nothing takes back is `stays: ` and what it did.
    pub(crate) async fn there_and_back(
        &self,
        module: &'static dyn AnyModule,
        args: &Value,
        between: impl FnOnce(),
    ) -> Result<Vec<String>, Failure> {
        let mut task = module.call(args).map_err(arguments)?;
        task.look(&Reach::new(self.0.clone())).await?;
        let mut undoes = Vec::new();
        for (index, change) in task.plan()?.changes.into_iter().enumerate() {
            undoes.push((task.undo(index), change.text));
            task.apply(index, &Reach::new(self.0.clone())).await?;
        }
        between();
        let mut told = Vec::new();
        for (undo, text) in undoes.into_iter().rev() {
            let Some(mut undo) = undo else {
                told.push(format!("stays: {text}"));
                continue;
            };
            told.extend(undo.plan()?.changes.into_iter().map(|change| change.text));
            undo.apply(0, &Reach::new(self.0.clone())).await?;
        }
        Ok(told)
    }

    /// Looks, plans, and makes every change; what the last one says.
    pub(crate) async fn run_all<M: Module>(
        &self,
        module: &'static M,
        args: Value,
    ) -> Result<Applied, Failure> {
        let mut task = AnyModule::call(module, &args).map_err(arguments)?;
        task.look(&Reach::new(self.0.clone())).await?;
        let mut last = Applied::default();
        for at in 0..task.plan()?.changes.len() {
            last = task.apply(at, &Reach::new(self.0.clone())).await?;
        }
        Ok(last)
    }

    /// The commands that were sent.
    pub(crate) fn sent(&self) -> Vec<String> {
        self.notes(|note| match note {
            Note::Sent { command, .. } => Some(command),
            _ => None,
        })
    }

    /// The warnings that were given.
    pub(crate) fn warnings(&self) -> Vec<String> {
        self.notes(|note| match note {
            Note::Warning { message } => Some(message),
            _ => None,
        })
    }

    /// What this picks of the notes.
    pub(crate) fn notes<T>(&self, pick: impl FnMut(Note) -> Option<T>) -> Vec<T> {
        self.0
            .told
            .0
            .lock()
            .unwrap()
            .iter()
            .cloned()
            .filter_map(pick)
            .collect()
    }
}

/// How a task went.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) changes: Vec<Described>,
    pub(crate) fields: Value,
}

fn arguments(error: impl std::fmt::Display) -> Failure {
    Failure::new(FailureKind::Arguments, error.to_string())
}

pub(crate) fn host(platform: Platform) -> Host {
    Host {
        name: "box".into(),
        fqdn: "box.example.com".into(),
        platform,
        products: Vec::new(),
        version: None,
        cluster: "box".into(),
        node: Node::Primary,
        pool: None,
        site: None,
        ssh: Endpoint::new("box", 22),
        tls_ports: Vec::new(),
        units: Vec::new(),
        talks_to: Vec::new(),
        ca: None,
        ca_command: None,
        renew_before: None,
        work: "/work".into(),
        deployment: Deployment::default(),
        decisions: Decisions::default(),
        timing: Timing::fast(),
    }
}
