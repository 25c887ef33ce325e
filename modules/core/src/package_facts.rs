//! `package_facts`: which packages a host has.

use std::collections::BTreeMap;

use cutover_kit::{Applied, Failure, FailureKind, Module, Plan, Platform, Reach, Read, Traits, Value, Write};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::settled::Never;
use crate::steps::{ask, misfit, text};

/// The `package_facts` module.
#[derive(Clone, Copy, Debug)]
pub struct PackageFacts;

/// Finds out which packages the host has, and keeps them as the fact `packages`: by name, a list of what is there of it.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Args {
    /// Which managers may be asked: `auto` (default), `apt`, `rpm` (or `dnf`, `yum`, `zypper`), `apk`.
    manager: Vec<String>,
    /// `first` (default): the first of them that the host has. `all`: each.
    strategy: Strategy,
}

/// How many managers are asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Strategy {
    /// The first that is there.
    #[default]
    First,
    /// Each that is there.
    All,
}

/// What a manager is asked with, and the fields of each line of its answer; the first is the name.
struct Asked {
    source: &'static str,
    program: &'static str,
    line: &'static str,
    fields: &'static [&'static str],
}

const MANAGERS: [Asked; 3] = [
    Asked {
        source: "apt",
        program: "dpkg-query",
        line: r"dpkg-query -W -f '${db:Status-Status}\t${Package}\t${Version}\t${Architecture}\t${Section}\n' | sed -n 's/^installed.//p'",
        fields: &["name", "version", "arch", "category"],
    },
    Asked {
        source: "rpm",
        program: "rpm",
        line: r"rpm -qa --qf '%{NAME}\t%{VERSION}\t%{RELEASE}\t%{EPOCH}\t%{ARCH}\n'",
        fields: &["name", "version", "release", "epoch", "arch"],
    },
    Asked {
        source: "apk",
        program: "apk",
        line: r"apk info -v 2>/dev/null | sed -n 's/^\(.*\)-\([^-]*\)-\(r[0-9]*\)$/\1\t\2\t\3/p'",
        fields: &["name", "version", "release"],
    },
];

/// Packages by their names.
pub(crate) type Packages = BTreeMap<String, Vec<Value>>;

impl Args {
    /// The managers that may be asked, in the task's order.
    fn managers(&self) -> Result<Vec<&'static Asked>, Failure> {
        let mut chosen: Vec<&'static Asked> = Vec::new();
        let words = self.manager.iter().map(|word| word.to_lowercase());
        let words: Vec<String> = words.filter(|word| !word.is_empty()).collect();
        if words.is_empty() || words.iter().any(|word| word == "auto") {
            return Ok(MANAGERS.iter().collect());
        }
        for word in words {
            let source = match word.as_str() {
                "dnf" | "dnf5" | "yum" | "zypper" => "rpm",
                other => other,
            };
            let known = MANAGERS.iter().find(|it| it.source == source);
            let known = known.ok_or_else(|| {
                misfit(format!(
                    "manager: `{word}` is none of auto, apt, rpm, dnf, yum, zypper and apk"
                ))
            })?;
            if !chosen.iter().any(|it| it.source == source) {
                chosen.push(known);
            }
        }
        Ok(chosen)
    }

    fn question(&self, managers: &[&Asked]) -> String {
        let enough = if self.strategy == Strategy::First {
            "; exit 0"
        } else {
            ""
        };
        let each = managers.iter().map(|it| {
            format!(
                "if command -v {} >/dev/null 2>&1; then echo '@@{}'; {}{enough}; fi\n",
                it.program, it.source, it.line
            )
        });
        format!(
            "# which packages are there\nLC_ALL=C; export LC_ALL\n{}exit 0",
            each.collect::<String>()
        )
    }
}

fn read(said: &str) -> Option<Packages> {
    let mut packages = Packages::new();
    let mut asked: Option<&Asked> = None;
    for line in said.lines() {
        if let Some(source) = line.strip_prefix("@@") {
            asked = MANAGERS.iter().find(|it| it.source == source);
            continue;
        }
        let Some(asked) = asked else { continue };
        let values = line.split('\t').map(|value| match value {
            "(none)" => Value::Null,
            value => value.into(),
        });
        let mut package: Vec<(&str, Value)> = asked.fields.iter().copied().zip(values).collect();
        package.push(("source", asked.source.into()));
        let name = line.split('\t').next().unwrap_or_default();
        packages
            .entry(name.to_owned())
            .or_default()
            .push(Value::map(package));
    }
    asked.map(|_| packages)
}

impl Module for PackageFacts {
    const NAME: &'static str = "package_facts";
    type Args = Args;
    type Facts = Packages;
    type Change = Never;

    fn traits(&self) -> Traits {
        Traits {
            platforms: &[Platform::Local, Platform::Posix],
            usual: "1 s",
            ..Traits::LOOKS
        }
    }

    fn sets_variables(&self) -> bool {
        true
    }

    async fn look(&self, args: &Args, reach: &Reach<Read>) -> Result<Packages, Failure> {
        let managers = args.managers()?;
        let executed = ask(&args.question(&managers), reach).await?;
        read(&text(&executed.stdout)).ok_or_else(|| {
            let sources: Vec<&str> = managers.iter().map(|it| it.source).collect();
            let message = format!(
                "Could not detect a supported package manager from the following list: {}",
                sources.join(", ")
            );
            Failure::new(FailureKind::Preflight, message)
        })
    }

    fn plan(&self, _: &Args, packages: &Packages) -> Result<Plan<Never>, Failure> {
        let packages = packages
            .iter()
            .map(|(name, all)| (name.clone(), Value::List(all.clone())));
        let facts = Value::map([("packages", Value::map(packages))]);
        Ok(Plan::nothing("it only looks").with(crate::fields([("ansible_facts", facts)])))
    }

    async fn apply(
        &self,
        _: &Args,
        _: &Packages,
        change: &Never,
        _: &Reach<Write>,
    ) -> Result<Applied, Failure> {
        match *change {}
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::bench::Bench;

    static PACKAGE_FACTS: PackageFacts = PackageFacts;

    #[tokio::test]
    async fn each_manager_tells_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let stand = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        };
        stand(
            "dpkg-query",
            "printf 'installed\\tcurl\\t7.88\\tamd64\\tweb\\nconfig-files\\tgone\\t1\\tall\\tweb\\n'",
        );
        stand(
            "rpm",
            "printf 'kernel\\t5.14\\t1.el9\\t(none)\\tx86_64\\nkernel\\t5.14\\t2.el9\\t1\\tx86_64\\n'",
        );
        std::os::unix::fs::symlink("/usr/bin/sed", folder.path().join("sed")).unwrap();
        let path = folder.path().to_str().unwrap();
        let told = async |args: Value| {
            let bench = Bench::local().environment("PATH", path);
            let plan = bench.plan(&PACKAGE_FACTS, args).await.map_err(|it| it.message)?;
            let facts = plan.result["ansible_facts"].reveal();
            Ok::<_, String>(facts["packages"].to_string())
        };
        let first = told(Value::map::<&str, Value>([])).await.unwrap();
        insta::assert_snapshot!(first, @r#"{"curl":[{"name":"curl","version":"7.88","arch":"amd64","category":"web","source":"apt"}]}"#);
        let all = told(Value::map([("strategy", "all")])).await.unwrap();
        assert!(all.contains("\"kernel\"") && all.contains("\"curl\""), "{all}");
        let rpm = told(Value::map([("manager", "dnf")])).await.unwrap();
        assert_eq!(
            rpm,
            r#"{"kernel":[{"name":"kernel","version":"5.14","release":"1.el9","epoch":null,"arch":"x86_64","source":"rpm"},{"name":"kernel","version":"5.14","release":"2.el9","epoch":"1","arch":"x86_64","source":"rpm"}]}"#
        );
        assert_eq!(
            told(Value::map([("manager", "apk")])).await.unwrap_err(),
            "Could not detect a supported package manager from the following list: apk"
        );
        assert_eq!(
            told(Value::map([("manager", "pip")])).await.unwrap_err(),
            "manager: `pip` is none of auto, apt, rpm, dnf, yum, zypper and apk"
        );
    }
}
