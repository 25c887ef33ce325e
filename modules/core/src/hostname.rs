//! `hostname`: the host's own name.

use cutover_kit::{Applied, Failure, Module, Plan, Reach, Read, Traits, Value, Write};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::process::quote;
use crate::steps::{CHANGES, Step, ask, misfit, text};

/// The `hostname` module.
#[derive(Clone, Copy, Debug)]
pub struct Hostname;

/// Sets the host's name, now and for every boot. Other files that hold it (`/etc/hosts`) stay as they are.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Args {
    /// The name.
    name: String,
    /// Accepted for the sake of existing playbooks: what keeps the name is found out.
    #[serde(default, rename = "use")]
    #[expect(dead_code, reason = "accepted, and without an effect here")]
    using: Option<String>,
}

/// What look found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Whether systemd is told of it; else it stands in `/etc/hostname`.
    systemd: bool,
    /// As the host is called now.
    current: String,
    /// As it will be called after the next boot.
    permanent: String,
    /// Its name with its domain.
    fqdn: String,
}

const QUESTION: &str = r#"# what the host is called
if command -v hostnamectl >/dev/null 2>&1 && [ -d /run/systemd/system ]; then echo systemd; else echo file; fi
uname -n; [ -r /etc/hostname ] && sed -n 's/[[:space:]]*$//; /^#/d; /./{p;q;}' /etc/hostname || echo; echo "fqdn $(hostname -f 2>/dev/null)"; exit 0"#;

impl Facts {
    fn read(said: &str) -> Self {
        let mut facts = Self::default();
        let mut lines = said.lines();
        facts.systemd = lines.next() == Some("systemd");
        lines.next().unwrap_or_default().clone_into(&mut facts.current);
        for line in lines {
            match line.strip_prefix("fqdn ") {
                Some(fqdn) => fqdn.trim().clone_into(&mut facts.fqdn),
                None => line.clone_into(&mut facts.permanent),
            }
        }
        facts
    }

    /// The step that gives the host this name.
    fn naming(&self, name: &str) -> Step {
        let quoted = quote(name);
        let line = match self.systemd {
            true => format!("hostnamectl --static --transient set-hostname {quoted}"),
            false => format!("printf '%s\\n' {quoted} > /etc/hostname && hostname {quoted}"),
        };
        Step::new(
            format!("call the host {name}"),
            format!("PATH=$PATH:/usr/sbin:/sbin; {line}"),
        )
    }
}

impl Module for Hostname {
    const NAME: &'static str = "hostname";
    type Args = Args;
    type Facts = Facts;
    type Change = Step;

    fn traits(&self) -> Traits {
        CHANGES
    }

    fn sets_variables(&self) -> bool {
        true
    }

    async fn look(&self, args: &Args, reach: &Reach<Read>) -> Result<Facts, Failure> {
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
        if args.name.is_empty() || args.name.starts_with(['-', '.']) || !args.name.chars().all(fits) {
            return Err(misfit(format!(
                "name: `{}` cannot be the name of a host",
                args.name
            )));
        }
        let executed = ask(QUESTION, reach).await?;
        Ok(Facts::read(&text(&executed.stdout)))
    }

    fn plan(&self, args: &Args, facts: &Facts) -> Result<Plan<Step>, Failure> {
        let name = args.name.as_str();
        let short = name.split('.').next().unwrap_or(name);
        let domain = match (name.split_once('.'), facts.fqdn.split_once('.')) {
            (Some((_, domain)), _) | (None, Some((_, domain))) => domain,
            _ => "",
        };
        let fqdn = match domain {
            "" => short.to_owned(),
            domain => format!("{short}.{domain}"),
        };
        let told = Value::map([
            ("ansible_hostname", Value::from(short)),
            ("ansible_nodename", name.into()),
            ("ansible_fqdn", fqdn.into()),
            ("ansible_domain", domain.into()),
        ]);
        let result = crate::fields([("name", name.into()), ("ansible_facts", told)]);
        if facts.current == name && facts.permanent == name {
            return Ok(Plan::nothing("it is called so").with(result));
        }
        let line = |name: &str| format!("hostname = {name}\n");
        let old = match facts.permanent.as_str() {
            "" => &facts.current,
            permanent => permanent,
        };
        let step = facts
            .naming(name)
            .showing("hostname", &line(&facts.current), &line(name))
            .back(facts.naming(old));
        Ok(Plan::of(vec![step], "it is called otherwise").with(result))
    }

    async fn apply(
        &self,
        _: &Args,
        _: &Facts,
        change: &Step,
        reach: &Reach<Write>,
    ) -> Result<Applied, Failure> {
        change.make(reach).await
    }

    fn undo(&self, _: &Args, _: &Facts, change: &Step) -> Option<Step> {
        change.undo()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::Bench;

    static HOSTNAME: Hostname = Hostname;

    fn told(name: &str, said: &str) -> String {
        let args: Args = serde_json::from_value(serde_json::json!({"name": name})).unwrap();
        let facts = Facts::read(said);
        let plan = HOSTNAME.plan(&args, &facts).unwrap();
        let line = |step: &Step| step.line().replace("PATH=$PATH:/usr/sbin:/sbin; ", "");
        let steps: Vec<String> = plan.changes.iter().map(line).collect();
        let back = plan.changes.first().and_then(Step::undo);
        let back = back.map_or("nothing".to_owned(), |step| line(&step));
        let facts = plan.result["ansible_facts"].reveal();
        format!("{} | back: {back} | {}", steps.join(", "), facts["ansible_fqdn"])
    }

    #[test]
    fn a_name_is_kept_by_what_the_host_has() {
        let all = [
            told("web", "systemd\nold\nold\nfqdn old.example.com\n"),
            told("web.other.net", "file\nold\nold\nfqdn old\n"),
            told("web", "file\nweb\nweb\nfqdn web\n"),
            // What a boot would bring is not what is now.
            told("web", "file\nweb\n\nfqdn web\n"),
        ];
        insta::assert_snapshot!(all.join("\n"), @r#"
        hostnamectl --static --transient set-hostname web | back: hostnamectl --static --transient set-hostname old | "web.example.com"
        printf '%s\n' web.other.net > /etc/hostname && hostname web.other.net | back: printf '%s\n' old > /etc/hostname && hostname old | "web.other.net"
         | back: nothing | "web"
        printf '%s\n' web > /etc/hostname && hostname web | back: printf '%s\n' web > /etc/hostname && hostname web | "web"
        "#);
    }

    #[tokio::test]
    async fn this_machine_tells_its_name() {
        let bench = Bench::local();
        let plan = bench
            .plan(&HOSTNAME, Value::map([("name", "some-other-name.example")]))
            .await
            .unwrap();
        assert_eq!(plan.changes[0].text, "call the host some-other-name.example");
        let diff = plan.changes[0].diff.clone().unwrap();
        let name = std::process::Command::new("uname")
            .arg("-n")
            .output()
            .unwrap()
            .stdout;
        assert_eq!(
            diff.before.unwrap(),
            format!("hostname = {}", String::from_utf8_lossy(&name))
        );
        let odd = bench
            .plan(&HOSTNAME, Value::map([("name", "a b")]))
            .await
            .unwrap_err();
        assert_eq!(odd.message, "name: `a b` cannot be the name of a host");
    }
}
