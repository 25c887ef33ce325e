//! `fetch`: a file of the host, brought to this machine.

use std::path::{Component, Path, PathBuf};

use cutover_kit::{Applied, Failure, Module, Plan, Reach, Read, Traits, Write};
use schemars::JsonSchema;
use serde::Deserialize;

use super::put::{bytes, sums};
use super::{CHANGES, Edit, unfit, yes};
use crate::disk::{self, Ask, Attributes, Content, Kind, Question, Seen, Step, Sum, Writing};

/// The `fetch` module.
#[derive(Clone, Copy, Debug)]
pub struct Fetch;

/// Brings a file of the host to this machine, below `DEST/HOST/` under its whole path.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Args {
    /// The file of the host.
    src: String,
    /// The folder of this machine; with `flat` the file, or the folder where it ends with `/`.
    dest: String,
    /// Whether host and path are left out.
    #[serde(default)]
    flat: bool,
    /// Whether a missing file fails the task.
    #[serde(default = "yes")]
    fail_on_missing: bool,
    /// Whether what arrived is compared with what was sent.
    #[serde(default = "yes")]
    validate_checksum: bool,
}

/// What look found.
#[derive(Debug)]
pub struct Facts {
    seen: Option<Seen>,
    /// Where it goes.
    dest: PathBuf,
    /// The checksum of what is there.
    there: Option<String>,
}

impl Module for Fetch {
    const NAME: &'static str = "fetch";
    type Args = Args;
    type Facts = Facts;
    type Change = Edit;

    fn traits(&self) -> Traits {
        CHANGES
    }

    async fn look(&self, args: &Args, reach: &Reach<Read>) -> Result<Facts, Failure> {
        let question = Question {
            files: vec![Ask::about(&args.src).sum(Sum::Sha1)],
            ..Question::default()
        };
        let mut answer = disk::ask(reach, question).await?;
        let seen = answer.files.pop().filter(|seen| seen.target.is_some());
        let path = seen.as_ref().map_or(args.src.as_str(), |seen| seen.path.as_str());
        let dest = destination(args, path, reach)?;
        let ask = Ask::about(dest.to_string_lossy()).sum(Sum::Sha1);
        let there = disk::ask_here(vec![ask]).await?;
        let there = there
            .into_iter()
            .next()
            .and_then(|mut seen| seen.sums.remove(&Sum::Sha1));
        Ok(Facts { seen, dest, there })
    }

    fn plan(&self, args: &Args, facts: &Facts) -> Result<Plan<Edit>, Failure> {
        let Some(seen) = &facts.seen else {
            let message = "the remote file does not exist";
            return match args.fail_on_missing {
                true => Err(unfit(format!("{message}: {}", args.src))),
                false => {
                    let msg = format!("{message}, not transferring, ignored");
                    Ok(Plan::nothing(message).with(crate::fields([("msg", msg.into())])))
                }
            };
        };
        if seen.leads_to(Kind::Folder) {
            return Err(unfit(format!(
                "remote file is a directory, fetch cannot work on directories: {}",
                seen.path
            )));
        }
        let Some(sum) = seen.sums.get(&Sum::Sha1) else {
            return Err(unfit(format!("{} cannot be read", seen.path)));
        };
        let dest = facts.dest.display().to_string();
        let result = crate::fields([("dest", dest.as_str().into()), ("checksum", sum.as_str().into())]);
        if facts.there.as_ref() == Some(sum) {
            let result = result
                .into_iter()
                .chain(crate::fields([("file", seen.path.as_str().into())]));
            return Ok(Plan::nothing("it is here already").with(result.collect()));
        }
        let edit = Edit::new(format!("fetch {} to {dest}", seen.path), Vec::new());
        Ok(Plan::of(vec![edit], "it is not here").with(result))
    }

    async fn apply(
        &self,
        args: &Args,
        facts: &Facts,
        _: &Edit,
        reach: &Reach<Write>,
    ) -> Result<Applied, Failure> {
        let question = Question {
            files: vec![Ask::about(&args.src).content(Content::All)],
            ..Question::default()
        };
        let answer = disk::ask(&reach.reading(), question).await?;
        let content = answer.files.into_iter().next().and_then(|seen| seen.content);
        let content = content.ok_or_else(|| unfit(format!("{} cannot be read", args.src)))?;
        let sums = sums(&content);
        let expected = facts.seen.as_ref().and_then(|seen| seen.sums.get(&Sum::Sha1));
        let arrived = sums.get("checksum").and_then(cutover_kit::Value::as_str);
        if args.validate_checksum && arrived != expected.map(String::as_str) {
            return Err(unfit(format!(
                "checksum mismatch: {} changed while it was fetched",
                args.src
            )));
        }
        let folder = facts.dest.parent().unwrap_or(Path::new("/"));
        let write = Step::Write(Writing {
            path: facts.dest.display().to_string(),
            text: bytes(content),
            attributes: Attributes::default(),
            backup: None,
            validate: None,
            inside: false,
        });
        let folder = Step::Folder {
            path: folder.display().to_string(),
            attributes: Attributes::default(),
        };
        disk::carry_out_here(vec![folder, write]).await?;
        let mut fields = sums;
        if let Some(expected) = expected {
            fields.insert("remote_checksum".into(), expected.as_str().into());
        }
        fields.insert("remote_md5sum".into(), cutover_kit::Value::Null);
        Ok(Applied {
            fields,
            ..Applied::default()
        })
    }
}

/// The path below a folder, which it never leaves: the host says what it is, and a host may lie.
fn inside(path: &str) -> PathBuf {
    let mut inside = PathBuf::new();
    for part in Path::new(path).components() {
        match part {
            Component::Normal(name) => inside.push(name),
            Component::ParentDir => drop(inside.pop()),
            Component::RootDir | Component::CurDir | Component::Prefix(_) => {}
        }
    }
    inside
}

/// A relative folder is below the playbook's, which is the farthest of those that files are looked for beside.
fn destination(args: &Args, path: &str, reach: &Reach<Read>) -> Result<PathBuf, Failure> {
    let base = reach.beside().pop().unwrap_or_default();
    let given = base.join(disk::at_home(&args.dest));
    if !args.flat {
        return Ok(given.join(&reach.host().name).join(inside(path)));
    }
    if args.dest.ends_with('/') {
        return match path.rsplit('/').next() {
            None | Some("" | "." | "..") => Err(unfit(format!("{path} ends with no name for a file"))),
            Some(name) => Ok(given.join(name)),
        };
    }
    match given.is_dir() {
        true => Err(unfit(format!(
            "{} is a folder: end it with / to put the file into it",
            given.display()
        ))),
        false => Ok(given),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use async_trait::async_trait;
    use cutover_kit::session::{
        DialError, Dialer, Endpoint, Exec, Executed, Handshake, HandshakeError, Link, LinkError, Offer,
        Shell, SshSettings, Terminal,
    };
    use cutover_kit::{FailureKind, Value};

    use super::*;
    use crate::bench::Bench;
    use crate::files::tests::connection;

    /// A host that says of every file that it is this one, and holds `mine`.
    #[derive(Clone)]
    struct Liar(&'static str);

    #[async_trait]
    impl Dialer for Liar {
        async fn dial(&self, _: &SshSettings) -> Result<Box<dyn Link>, DialError> {
            Ok(Box::new(self.clone()))
        }

        async fn handshake(&self, _: &Endpoint, _: &Offer) -> Result<Handshake, HandshakeError> {
            unreachable!("files shake no hands")
        }
    }

    #[async_trait]
    impl Link for Liar {
        async fn shell(&mut self, _: Terminal) -> Result<Box<dyn Shell>, LinkError> {
            unreachable!("files need no terminal")
        }

        async fn exec(&mut self, command: &Exec) -> Result<Executed, LinkError> {
            let stat = "81a4 0 0 4 1 1 1 4096 8 0 0 0.0 0.0 0.0 root root";
            let asks_content = command.stdin.as_ref().unwrap().expose().contains(" a ''");
            let sum = "93ff8a0a0bf3a26b5a8e6bd2b1ff1b6ab2f2a3f6 -";
            let fields = match asks_content {
                false => vec!["0022", "/tmp", self.0, stat, stat, "", self.0, "r", sum, ""],
                true => vec![
                    "0022",
                    "/tmp",
                    self.0,
                    stat,
                    stat,
                    "",
                    self.0,
                    "r",
                    "+bWluZQ==",
                    "0",
                ],
            };
            Ok(Executed {
                status: Some(0),
                stdout: fields
                    .iter()
                    .flat_map(|field| [field.as_bytes(), b"\0"].concat())
                    .collect(),
                stderr: Vec::new(),
            })
        }

        fn alive(&self) -> bool {
            true
        }

        fn host_key(&self) -> &str {
            "ssh-ed25519 AAAA"
        }

        async fn close(self: Box<Self>) {}
    }

    fn left(folder: &Path) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        let mut folders = vec![folder.to_owned()];
        while let Some(at) = folders.pop() {
            for entry in at.read_dir().unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let name = path.strip_prefix(folder).unwrap().display().to_string();
                    found.insert(name, std::fs::read_to_string(&path).unwrap());
                }
            }
        }
        found
    }

    #[tokio::test]
    async fn a_host_that_lies_about_a_path_writes_nowhere_else() {
        let folder = tempfile::tempdir().unwrap();
        let dest = folder.path().join("a/b/into").display().to_string();
        let bench = Bench::posix(connection(Liar("/etc/../../../../../out")));
        let args =
            Value::from(serde_json::json!({"src": "/etc/hosts", "dest": dest, "validate_checksum": false}));
        bench.run(&Fetch, args).await.unwrap();
        let expected = [("a/b/into/box/out".to_owned(), "mine".to_owned())];
        assert_eq!(left(folder.path()), BTreeMap::from(expected));
    }

    #[tokio::test]
    async fn a_host_that_lies_about_a_name_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let dest = format!("{}/into/", folder.path().display());
        for lie in ["/etc/..", "/etc/.", "/etc/"] {
            let bench = Bench::posix(connection(Liar(lie)));
            let args = Value::from(serde_json::json!({"src": "/etc/hosts", "dest": dest, "flat": true}));
            let failure = bench.run(&Fetch, args).await.unwrap_err();
            assert_eq!(failure.kind, FailureKind::Preflight);
            assert_eq!(failure.message, format!("{lie} ends with no name for a file"));
        }
    }

    #[test]
    fn a_path_stays_inside() {
        let table = [
            ("/etc/hosts", "etc/hosts"),
            ("/srv/./a//b", "srv/a/b"),
            ("/srv/../etc/hosts", "etc/hosts"),
            ("../../x", "x"),
            ("/..", ""),
        ];
        for (path, expected) in table {
            assert_eq!(inside(path), Path::new(expected), "{path}");
        }
    }
}
