//! One call of a module of the site on one host.

use async_trait::async_trait;
use cutover_core::Posix;
use cutover_kit::module::Diff;
use cutover_kit::registry::{AnyTask, Described};
use cutover_kit::secret::Origin;
use cutover_kit::{
    Applied, Failure, FailureKind, Host, Map, Plan, Proved, Reach, Read, Secret, Secrets, Value, Write,
};
use serde_json::{Value as Json, json};

use crate::SiteModule;
use crate::answer::Answer;
use crate::protocol::{Description, Verb};
use crate::send::{parcel, revealed};

/// One call, from look to prove.
#[derive(Clone)]
pub(crate) struct Task {
    module: &'static SiteModule,
    about: Description,
    arguments: Json,
    /// Secret arguments, to be cut out of what it says.
    secrets: Secrets,
    looked: Option<Answer>,
    /// The change it plans, in a line.
    planned: String,
    /// What its `look` said under `facts`, in JSON: it may hold what is secret.
    facts: Option<Secret>,
}

impl Task {
    pub(crate) fn new(module: &'static SiteModule, args: &Value) -> Self {
        let about = module.known();
        let arguments = revealed(args);
        let secrets = Secrets::default();
        for name in about.secrets() {
            learn(&arguments[name], &secrets);
        }
        learn_marked(args, &secrets);
        Self {
            module,
            about,
            arguments,
            secrets,
            looked: None,
            planned: String::new(),
            facts: None,
        }
    }

    fn input(&self) -> Json {
        let facts: Json = self
            .facts
            .as_ref()
            .and_then(|facts| serde_json::from_str(facts.expose()).ok())
            .unwrap_or_default();
        json!({"arguments": self.arguments, "facts": facts})
    }

    fn answer(&self, executed: &cutover_kit::session::Executed) -> Result<Answer, Failure> {
        Answer::of(self.module.name, executed, &self.secrets)
    }

    /// Has the program change something.
    async fn change(&self, verb: Verb, reach: &Reach<Write>) -> Result<Applied, Failure> {
        let parcel = parcel(self.module, verb, &self.input(), reach);
        let mut writer = reach.writer::<Posix>().await?;
        let executed = writer.script(&parcel.script, Some(&parcel.stdin)).await?;
        let answer = self.answer(&executed)?;
        Ok(Applied {
            fields: answer.fields,
            unchanged: !answer.changed,
            failed: answer.failed,
        })
    }

    async fn ask(&self, verb: Verb, reach: &Reach<Read>) -> Result<Answer, Failure> {
        let parcel = parcel(self.module, verb, &self.input(), reach);
        let reader = reach.reader::<Posix>(&reach.host().name).await?;
        let executed = reader.look(&parcel.script, Some(&parcel.stdin)).await?;
        let answer = self.answer(&executed)?;
        match &answer.failed {
            Some(message) => Err(refused(verb, message, answer.fields)),
            None => Ok(answer),
        }
    }
}

/// Learns every text and number of a secret argument.
fn learn(secret: &Json, secrets: &Secrets) {
    match secret {
        Json::String(text) => drop(secrets.learn(text, Origin::Argument)),
        Json::Number(number) => drop(secrets.learn(number.to_string(), Origin::Argument)),
        Json::Array(items) => items.iter().for_each(|item| learn(item, secrets)),
        Json::Object(map) => map.values().for_each(|item| learn(item, secrets)),
        Json::Null | Json::Bool(_) => {}
    }
}

/// Learns every value of the arguments that is a secret by its type.
fn learn_marked(value: &Value, secrets: &Secrets) {
    match value {
        Value::Secret(secret) => drop(secrets.learn(secret.expose(), secret.origin().clone())),
        Value::List(items) => items.iter().for_each(|item| learn_marked(item, secrets)),
        Value::Map(map) => map.values().for_each(|item| learn_marked(item, secrets)),
        _ => {}
    }
}

fn refused(verb: Verb, message: &str, fields: Map) -> Failure {
    let kind = match verb {
        Verb::Prove => FailureKind::NotProved,
        _ => FailureKind::Preflight,
    };
    let failure = Failure::new(kind, message);
    fields.into_iter().fold(failure, |failure, (name, value)| {
        failure.field(name, serde_json::to_value(&value).unwrap_or_default())
    })
}

#[async_trait]
impl AnyTask for Task {
    fn disruptive(&self, _: &Host) -> bool {
        self.about.disruptive
    }

    async fn look(&mut self, reach: &Reach<Read>) -> Result<(), Failure> {
        if self.about.can(Verb::Look) {
            let mut answer = self.ask(Verb::Look, reach).await?;
            answer.fields.swap_remove("facts");
            self.facts = answer.facts.take();
            self.looked = Some(answer);
        }
        Ok(())
    }

    fn plan(&mut self) -> Result<Plan<Described>, Failure> {
        let name = self.module.name;
        let Some(looked) = &mut self.looked else {
            let change = described(format!("run {}", self.module.path.display()));
            self.planned.clone_from(&change.text);
            return Ok(Plan::of(vec![change], "only the program knows what it changes"));
        };
        let text = |value: Option<Value>| value.and_then(|value| value.as_str().map(str::to_owned));
        let why = text(looked.fields.get("msg").cloned());
        let diff = looked.fields.swap_remove("diff");
        if !looked.changed {
            let why = why.unwrap_or_else(|| format!("{name} finds nothing to change"));
            return Ok(Plan::nothing(why).with(std::mem::take(&mut looked.fields)));
        }
        let side =
            |side: &str| text(diff.as_ref().and_then(|diff| diff.get(side)).cloned()).unwrap_or_default();
        let change = Described {
            text: why.clone().unwrap_or_else(|| format!("apply {name}")),
            diff: diff.as_ref().map(|_| Diff {
                title: name.to_owned(),
                before: Some(side("before")),
                after: side("after"),
            }),
            no_return: text(looked.fields.swap_remove("no_return")),
        };
        self.planned.clone_from(&change.text);
        let why = why.unwrap_or_else(|| format!("{name} has something to change"));
        Ok(Plan::of(vec![change], why).with(std::mem::take(&mut looked.fields)))
    }

    async fn apply(&self, _: usize, reach: &Reach<Write>) -> Result<Applied, Failure> {
        self.change(Verb::Apply, reach).await
    }

    async fn prove(&self, reach: &Reach<Read>) -> Result<Proved, Failure> {
        if !self.about.can(Verb::Prove) {
            return Ok(Proved::default());
        }
        let answer = self.ask(Verb::Prove, reach).await?;
        Ok(Proved {
            fields: answer.fields,
            ..Proved::default()
        })
    }

    fn undo(&self, _: usize) -> Option<Box<dyn AnyTask>> {
        let undo = || Box::new(Undo(self.clone())) as Box<dyn AnyTask>;
        self.about.can(Verb::Undo).then(undo)
    }
}

/// A call that takes back what another did.
struct Undo(Task);

#[async_trait]
impl AnyTask for Undo {
    fn disruptive(&self, host: &Host) -> bool {
        self.0.disruptive(host)
    }

    async fn look(&mut self, _: &Reach<Read>) -> Result<(), Failure> {
        Ok(())
    }

    fn plan(&mut self) -> Result<Plan<Described>, Failure> {
        let change = described(format!("undo: {}", self.0.planned));
        Ok(Plan::of(vec![change], "takes back what was done before"))
    }

    async fn apply(&self, _: usize, reach: &Reach<Write>) -> Result<Applied, Failure> {
        self.0.change(Verb::Undo, reach).await
    }

    async fn prove(&self, _: &Reach<Read>) -> Result<Proved, Failure> {
        Ok(Proved::default())
    }
}

fn described(text: String) -> Described {
    Described {
        text,
        diff: None,
        no_return: None,
    }
}
