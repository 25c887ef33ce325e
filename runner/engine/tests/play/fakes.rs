//! Modules that are pretended: what `setup` finds, a host that cannot be reached, one that says
//! how it was reached, one that fails as it is told, one more of which nobody can see whether it
//! was done, one that panics, one that does on each host what it is told to, and one that takes its
//! host out of service meanwhile.

use async_trait::async_trait;
use cutover_kit::args::ArgsError;
use cutover_kit::module::{Repeat, Standing};
use cutover_kit::reach::Conversation;
use cutover_kit::registry::{AnyTask, Described};
use cutover_kit::session::{Credential, SshSettings};
use cutover_kit::{
    AnyModule, Applied, Clock, Failure, FailureKind, Host, Map, Note, Plan, Proved, Reach, Read, Traits,
    Value, Write,
};
use std::sync::Arc;
use std::time::Duration;

/// Every one of them.
pub(crate) fn modules() -> [&'static dyn AnyModule; 10] {
    [
        &Fake("setup"),
        &Fake("unreach"),
        &Fake("how"),
        &Fake("trouble"),
        &Fake("blind"),
        &Fake("panic"),
        &Fake("act"),
        &Fake("restart"),
        &crate::lever::Lever::<false>,
        &crate::lever::Lever::<true>,
    ]
}

struct Fake(&'static str);

impl AnyModule for Fake {
    fn name(&self) -> &'static str {
        self.0
    }

    fn traits(&self) -> Traits {
        Traits {
            repeat: match self.0 {
                "blind" => Repeat::Never,
                _ => Repeat::Safe,
            },
            ..Traits::LOOKS
        }
    }

    fn schema(&self) -> serde_json::Value {
        serde_json::json!({"type": "object"})
    }

    fn call(&'static self, args: &Value) -> Result<Box<dyn AnyTask>, ArgsError> {
        Ok(Box::new(Call {
            name: self.0,
            args: args.as_map().cloned().unwrap_or_default(),
            result: Map::new(),
        }))
    }
}

struct Call {
    name: &'static str,
    args: Map,
    result: Map,
}

impl Call {
    fn said(&self, name: &str) -> String {
        let said = self.args.get(name).and_then(Value::as_str);
        said.unwrap_or_default().to_owned()
    }

    async fn answer(&self, reach: &Reach<Read>) -> Result<Map, Failure> {
        let host = reach.host().name.clone();
        match self.name {
            "setup" => {
                let facts = Value::map([
                    ("ansible_hostname", Value::from(host)),
                    ("ansible_os_family", "Test".into()),
                ]);
                Ok(Map::from_iter([("ansible_facts".to_owned(), facts)]))
            }
            "unreach" => Err(Failure::new(
                FailureKind::Unreachable,
                format!("{host} does not answer"),
            )),
            "panic" => panic!("a panic on {host}"),
            "trouble" | "blind" => Ok(Map::new()),
            "restart" => Ok(Map::new()),
            "act" => {
                self.act(&host, reach.clock()).await?;
                Ok(Map::new())
            }
            _ => {
                let mut said = self.args.clone();
                said.insert("platform".into(), reach.host().platform.name().into());
                if reach.host().platform != cutover_kit::Platform::Local {
                    said.insert("to".into(), reach.reader::<Settings>(&host).await?.into());
                }
                Ok(said)
            }
        }
    }

    /// `h1: works after 3`, `fails after 1`, `is lost after 2`.
    async fn act(&self, host: &str, clock: &dyn Clock) -> Result<(), Failure> {
        let said = self
            .args
            .get(host)
            .or_else(|| self.args.get("others"))
            .and_then(Value::as_str)
            .unwrap_or("works after 0");
        let (what, seconds) = said.split_once(" after ").expect("it says how long it takes");
        let seconds = seconds.parse().expect("whole seconds");
        clock.sleep(Duration::from_secs(seconds)).await;
        match what {
            "works" => Ok(()),
            "fails" => Err(Failure::new(FailureKind::Task, "no good")),
            _ => Err(Failure::new(
                FailureKind::Unreachable,
                format!("{host} does not answer"),
            )),
        }
    }
}

/// As whom, where and by what is logged in.
pub(crate) fn how(settings: &SshSettings) -> String {
    let by = match &settings.credential {
        Credential::Password(_) => "password".to_owned(),
        Credential::Key { file, .. } => file.display().to_string(),
        Credential::OwnKeys => "own keys".to_owned(),
    };
    let to = &settings.endpoint;
    format!("{}@{}:{} by {by}", settings.user, to.host, to.port)
}

fn change(text: &str) -> Described {
    Described {
        text: text.to_owned(),
        diff: None,
        no_return: None,
    }
}

/// A conversation that is over once it is known how it would be begun.
struct Settings;

impl Conversation for Settings {
    type Connection = SshSettings;
    type Reader = String;
    type Writer = ();

    fn reader(settings: Arc<SshSettings>, _: cutover_kit::reach::Terms) -> String {
        how(&settings)
    }

    fn writer(_: Arc<SshSettings>, _: cutover_kit::reach::Terms) {}
}

#[async_trait]
impl AnyTask for Call {
    fn disruptive(&self, _: &Host) -> bool {
        self.name == "restart"
    }

    /// The member that its arguments name is down.
    async fn standing(&self, member: &Host, _: &Reach<Read>) -> Result<Option<Standing>, Failure> {
        Ok(Some(match self.args.get("down").and_then(Value::as_str) {
            Some(name) if name == member.name => Standing::Out(vec!["web does not run".into()]),
            _ => Standing::InService,
        }))
    }

    async fn look(&mut self, reach: &Reach<Read>) -> Result<(), Failure> {
        self.result = self.answer(reach).await?;
        Ok(())
    }

    fn plan(&mut self) -> Result<Plan<Described>, Failure> {
        Ok(match self.name {
            "restart" => Plan::of(vec![change("restart")], "it is told to"),
            "trouble" | "blind" => {
                let say = self.said("say");
                let change = Described {
                    no_return: Some(say.clone()),
                    ..change(&say)
                };
                Plan::of(vec![change], say)
            }
            _ => Plan::nothing("it only tells").with(self.result.clone()),
        })
    }

    async fn apply(&self, _: usize, reach: &Reach<Write>) -> Result<Applied, Failure> {
        if self.name == "restart" {
            self.act(&reach.host().name, reach.clock()).await?;
            return Ok(Applied::default());
        }
        let say = self.said("say");
        reach.note(Note::Warning { message: say.clone() });
        reach.note(Note::Waiting {
            what: say.clone(),
            limit: std::time::Duration::from_secs(1),
        });
        let kind = serde_json::from_value(self.said("kind").into()).unwrap();
        Err(Failure::new(kind, say.clone())
            .seen(say.clone())
            .hint(say.clone())
            .field(&say, say.as_str()))
    }

    async fn prove(&self, _: &Reach<Read>) -> Result<Proved, Failure> {
        Ok(Proved::default())
    }
}
