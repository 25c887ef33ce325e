//! One call of a module of the site on one host.

use async_trait::async_trait;
use cutover_core::Posix;
use cutover_kit::module::Diff;
use cutover_kit::registry::{AnyTask, Described};
use cutover_kit::{Applied, Failure, FailureKind, Host, Map, Plan, Proved, Reach, Read, Value, Write};
use serde_json::{Value as Json, json};

use crate::SiteModule;
use crate::answer::{Answer, masked};
use crate::protocol::{Description, Verb};
use crate::send::{parcel, revealed};

/// One call, from look to prove.
pub(crate) struct Task {
    module: &'static SiteModule,
    about: Description,
    arguments: Json,
    /// The texts of secret arguments, to be cut out of what it says.
    secrets: Vec<String>,
    looked: Option<Answer>,
    facts: Json,
}

impl Task {
    pub(crate) fn new(module: &'static SiteModule, args: &Value) -> Self {
        let about = module.known();
        let arguments = revealed(args);
        let mut secrets: Vec<String> = about
            .secrets()
            .into_iter()
            .filter_map(|name| arguments[name].as_str().map(str::to_owned))
            .collect();
        secret_texts(args, &mut secrets);
        Self {
            module,
            about,
            arguments,
            secrets,
            looked: None,
            facts: Json::Null,
        }
    }

    fn input(&self) -> Json {
        json!({"arguments": self.arguments, "facts": self.facts})
    }

    fn answer(&self, executed: &cutover_kit::session::Executed) -> Result<Answer, Failure> {
        Answer::of(self.module.name, executed, &self.secrets)
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

/// Every secret in the arguments.
fn secret_texts(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::Secret(secret) => texts.push(secret.expose().to_owned()),
        Value::List(items) => items.iter().for_each(|item| secret_texts(item, texts)),
        Value::Map(map) => map.values().for_each(|item| secret_texts(item, texts)),
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
        if self.about.can_look() {
            let mut answer = self.ask(Verb::Look, reach).await?;
            self.facts = answer
                .fields
                .swap_remove("facts")
                .map_or(Json::Null, |facts| facts.reveal());
            self.looked = Some(answer);
        }
        Ok(())
    }

    fn plan(&mut self) -> Result<Plan<Described>, Failure> {
        let name = self.module.name;
        let Some(looked) = &mut self.looked else {
            let change = Described {
                text: format!("run {}", self.module.path.display()),
                diff: None,
                no_return: None,
            };
            return Ok(Plan::of(vec![change], "only the program knows what it changes"));
        };
        let text = |value: Option<Value>| value.and_then(|value| value.as_str().map(str::to_owned));
        let why = text(looked.fields.get("msg").cloned());
        let diff = looked.fields.swap_remove("diff");
        if !looked.changed {
            let why = why.unwrap_or_else(|| format!("{name} finds nothing to change"));
            return Ok(Plan::nothing(why).with(std::mem::take(&mut looked.fields)));
        }
        let side = |side: &str| {
            let text = text(diff.as_ref().and_then(|diff| diff.get(side)).cloned());
            masked(&text.unwrap_or_default(), &self.secrets)
        };
        let change = Described {
            text: why.clone().unwrap_or_else(|| format!("apply {name}")),
            diff: diff.as_ref().map(|_| Diff {
                title: name.to_owned(),
                before: side("before"),
                after: side("after"),
            }),
            no_return: text(looked.fields.swap_remove("no_return")),
        };
        let why = why.unwrap_or_else(|| format!("{name} has something to change"));
        Ok(Plan::of(vec![change], why).with(std::mem::take(&mut looked.fields)))
    }

    async fn apply(&self, _: usize, reach: &Reach<Write>) -> Result<Applied, Failure> {
        let parcel = parcel(self.module, Verb::Apply, &self.input(), reach);
        let mut writer = reach.writer::<Posix>().await?;
        let executed = writer.script(&parcel.script, Some(&parcel.stdin)).await?;
        let answer = self.answer(&executed)?;
        Ok(Applied {
            fields: answer.fields,
            unchanged: !answer.changed,
            failed: answer.failed,
        })
    }

    async fn prove(&self, reach: &Reach<Read>) -> Result<Proved, Failure> {
        if !self.about.can_prove() {
            return Ok(Proved::default());
        }
        let answer = self.ask(Verb::Prove, reach).await?;
        Ok(Proved {
            fields: answer.fields,
            ..Proved::default()
        })
    }
}
