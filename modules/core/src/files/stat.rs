//! `stat`: how a file is.

use cutover_kit::{Applied, Failure, Map, Module, Plan, Reach, Read, Traits, Value, Write};
use schemars::JsonSchema;
use serde::Deserialize;

use super::attributes::number;
use super::mode::shown;
use super::{LOOKS, yes};
use crate::disk::{self, Ask, Kind, Question, Seen, Sum};
use crate::posix::Posix;
use crate::process::line;
use crate::settled::Never;

/// The `stat` module.
#[derive(Clone, Copy, Debug)]
pub struct Stat;

/// Tells whether a file is there, and how it is.
///
/// The result is in `stat`: `exists`, and where it does `isdir`, `isreg`, `islnk`, `mode`, `size`, `mtime`, `pw_name`, `gr_name`, `checksum` and more.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Args {
    /// The file.
    #[schemars(extend("aliases" = ["dest", "name"]))]
    path: String,
    /// Whether a link is followed.
    #[serde(default)]
    follow: bool,
    /// Whether the checksum of its content is told.
    #[serde(default = "yes")]
    get_checksum: bool,
    /// Which checksum. Default: `sha1`.
    #[serde(default)]
    #[schemars(extend("aliases" = ["checksum", "checksum_algo"]))]
    checksum_algorithm: Option<Algorithm>,
    /// Not told: taken so that playbooks which switch it off need no change.
    #[serde(default)]
    #[schemars(extend("aliases" = ["attr", "attributes"]))]
    #[expect(dead_code, reason = "see its text")]
    get_attributes: Option<bool>,
    /// Whether `mimetype` and `charset` are told, as the host's `file` sees them. Default: no.
    #[serde(default)]
    #[schemars(extend("aliases" = ["mime", "mime_type", "mime-type"]))]
    get_mime: bool,
    /// Not told: taken so that playbooks which switch it off need no change.
    #[serde(default)]
    #[expect(dead_code, reason = "see its text")]
    get_selinux_context: Option<bool>,
}

/// Ways to sum up content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Algorithm {
    Md5,
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

impl From<Algorithm> for Sum {
    fn from(it: Algorithm) -> Self {
        match it {
            Algorithm::Md5 => Self::Md5,
            Algorithm::Sha1 => Self::Sha1,
            Algorithm::Sha224 => Self::Sha224,
            Algorithm::Sha256 => Self::Sha256,
            Algorithm::Sha384 => Self::Sha384,
            Algorithm::Sha512 => Self::Sha512,
        }
    }
}

impl Module for Stat {
    const NAME: &'static str = "stat";
    type Args = Args;
    type Facts = Map;
    type Change = Never;

    fn traits(&self) -> Traits {
        LOOKS
    }

    async fn look(&self, args: &Args, reach: &Reach<Read>) -> Result<Map, Failure> {
        let sum = args.checksum_algorithm.map_or(Sum::Sha1, Sum::from);
        let mut ask = Ask::about(&args.path);
        if args.get_checksum {
            ask = ask.sum(sum);
        }
        let question = Question {
            files: vec![ask],
            ..Question::default()
        };
        let answer = disk::ask(reach, question).await?;
        let seen = answer.files.first();
        let mut facts = seen.map(|seen| told(seen, args.follow, sum)).unwrap_or_default();
        if let Some(seen) = seen.filter(|seen| args.get_mime && seen.exists()) {
            facts.extend(mime(&seen.path, reach).await?);
        }
        Ok(facts)
    }

    fn plan(&self, _args: &Args, facts: &Map) -> Result<Plan<Never>, Failure> {
        Ok(Plan::nothing("it only looks").with(crate::fields([("stat", facts.clone().into())])))
    }

    async fn apply(&self, _: &Args, _: &Map, never: &Never, _: &Reach<Write>) -> Result<Applied, Failure> {
        match *never {}
    }
}

fn told(seen: &Seen, follow: bool, sum: Sum) -> Map {
    let stat = if follow { &seen.target } else { &seen.stat };
    let Some(stat) = stat else {
        return crate::fields([("exists", false.into())]);
    };
    let mut told = crate::fields([("exists", true.into()), ("path", seen.path.as_str().into())]);
    told.extend(facts(stat));
    told.extend(crate::fields([
        ("block_size", number(stat.block_size)),
        ("blocks", number(stat.blocks)),
        ("device_type", number(stat.device_type)),
        ("readable", seen.access.read.into()),
        ("writeable", seen.access.write.into()),
        ("executable", seen.access.execute.into()),
    ]));
    if stat.is(Kind::Link) {
        told.insert("lnk_source".into(), seen.real.as_str().into());
        told.insert("lnk_target".into(), seen.link.as_str().into());
    }
    if let Some(hex) = seen.sums.get(&sum).filter(|_| stat.is(Kind::File)) {
        told.insert("checksum".into(), hex.as_str().into());
    }
    told
}

/// What the host's `file` says of the content; `unknown` where it has none, or none that knows.
async fn mime(path: &str, reach: &Reach<Read>) -> Result<Map, Failure> {
    let reader = reach.reader::<Posix>(&reach.host().name).await?;
    let words = ["file", "-b", "--mime-type", "--mime-encoding", "--", path];
    let executed = reader.look(&line(&words.map(str::to_owned)), None).await?;
    let said = String::from_utf8_lossy(&executed.stdout);
    let parts = said.trim().split_once("; charset=");
    let (kind, charset) = parts
        .filter(|(kind, _)| executed.status == Some(0) && kind.contains('/'))
        .unwrap_or(("unknown", "unknown"));
    Ok(crate::fields([
        ("mimetype", kind.into()),
        ("charset", charset.into()),
    ]))
}

/// What `stat` and `find` tell of a file.
pub(super) fn facts(stat: &disk::Stat) -> Map {
    let may = |bit: u32| Value::Bool(stat.mode & bit != 0);
    let is = |kind: Kind| Value::Bool(stat.is(kind));
    let mut facts = crate::fields([
        ("mode", shown(stat.permissions()).into()),
        ("isdir", is(Kind::Folder)),
        ("ischr", is(Kind::Character)),
        ("isblk", is(Kind::Block)),
        ("isreg", is(Kind::File)),
        ("isfifo", is(Kind::Pipe)),
        ("islnk", is(Kind::Link)),
        ("issock", is(Kind::Socket)),
        ("uid", stat.uid.into()),
        ("gid", stat.gid.into()),
        ("size", number(stat.size)),
        ("inode", number(stat.inode)),
        ("dev", number(stat.device)),
        ("nlink", number(stat.links)),
        ("atime", stat.accessed.into()),
        ("mtime", stat.modified.into()),
        ("ctime", stat.changed.into()),
        ("wusr", may(0o200)),
        ("rusr", may(0o400)),
        ("xusr", may(0o100)),
        ("wgrp", may(0o020)),
        ("rgrp", may(0o040)),
        ("xgrp", may(0o010)),
        ("woth", may(0o002)),
        ("roth", may(0o004)),
        ("xoth", may(0o001)),
        ("isuid", may(0o4000)),
        ("isgid", may(0o2000)),
    ]);
    for (key, name) in [("pw_name", &stat.owner), ("gr_name", &stat.group)] {
        if !name.is_empty() {
            facts.insert(key.into(), name.as_str().into());
        }
    }
    facts
}
