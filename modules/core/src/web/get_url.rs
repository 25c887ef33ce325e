//! `get_url`: fetches a file onto the host.

mod args;
mod sum;

use cutover_kit::module::{Diff, Repeat};
use cutover_kit::{Applied, Change, Failure, Map, Module, Plan, Reach, Read, Traits, Write};
use jiff::Timestamp;

use super::exchange::{Answer, script};
use crate::disk::{self, Ask, Kind, Moment, Question, Seen, Step, Text};
use crate::files::attributes::Settled;
use crate::files::put::{Put, attributes_only};
use crate::files::{Edit, unfit};
use crate::posix::Posix;
use crate::process::quote;
use crate::steps::{CHANGES, ask_with};
pub(crate) use args::Args;
use sum::Sum;

/// The `get_url` module.
#[derive(Clone, Copy, Debug)]
pub struct GetUrl;

/// What look found.
#[derive(Debug)]
pub struct Facts {
    /// The file itself.
    seen: Seen,
    /// What it should be.
    wanted: Option<Sum>,
    /// Whether it is that already.
    right: bool,
    attributes: Settled,
    now: Timestamp,
}

/// What is done.
#[derive(Clone, Debug)]
pub enum Fetch {
    /// Fetch it.
    File(String),
    /// Only set permissions or owner.
    Attributes(Edit),
}

impl Change for Fetch {
    fn describe(&self) -> String {
        match self {
            Self::File(path) => format!("fetch {path}"),
            Self::Attributes(edit) => edit.describe(),
        }
    }

    fn diff(&self) -> Option<Diff> {
        match self {
            Self::File(_) => None,
            Self::Attributes(edit) => edit.diff(),
        }
    }
}

impl Module for GetUrl {
    const NAME: &'static str = "get_url";
    type Args = Args;
    type Facts = Facts;
    type Change = Fetch;

    fn traits(&self) -> Traits {
        Traits {
            repeat: Repeat::Safe,
            usual: "as long as the file takes",
            ..CHANGES
        }
    }

    async fn look(&self, args: &Args, reach: &Reach<Read>) -> Result<Facts, Failure> {
        let wanted = match &args.checksum {
            Some(sum) => Some(Sum::read(sum, args, reach).await?),
            None => None,
        };
        let (seen, attributes) = destination(args, wanted.as_ref(), reach).await?;
        let right = match &wanted {
            Some(sum) => seen.sums.get(&sum.algorithm) == Some(&sum.hex),
            None => seen.exists() && !args.force && !is_newer(args, &seen.path, reach).await?,
        };
        Ok(Facts {
            seen,
            wanted,
            right,
            attributes,
            now: reach.clock().now(),
        })
    }

    fn plan(&self, args: &Args, facts: &Facts) -> Result<Plan<Fetch>, Failure> {
        let path = facts.seen.path.as_str();
        let result = crate::fields([("url", args.url.as_str().into()), ("dest", path.into())]);
        if !facts.right {
            let fetch = Fetch::File(path.to_owned());
            return Ok(Plan::of(vec![fetch], "what is there may be another one").with(result));
        }
        Ok(match attributes_only(&facts.seen, &facts.attributes)? {
            Some(edit) => Plan::of(vec![Fetch::Attributes(edit)], "its mode or owner differs"),
            None => Plan::nothing("file already exists")
                .with(crate::fields([("msg", "file already exists".into())])),
        }
        .with(result))
    }

    async fn apply(
        &self,
        args: &Args,
        facts: &Facts,
        change: &Fetch,
        reach: &Reach<Write>,
    ) -> Result<Applied, Failure> {
        if let Fetch::Attributes(edit) = change {
            return edit.make(reach).await;
        }
        let request = args.request(&args.url)?;
        let mut writer = reach.writer::<Posix>().await?;
        let executed = writer
            .script(&script(&request, false, &keep(facts)), Some(&request.config()))
            .await?;
        let answer = Answer::read(&executed)?;
        let mut applied = match Came::read(&answer) {
            Came::Same => unchanged(facts, reach).await?,
            Came::Kept(kept) => put(args, facts, kept, reach).await?,
            Came::Wrong(sum) => return Ok(mismatch(facts, &answer, sum)),
            Came::Nothing => return Ok(failed(&answer, refusal(&answer))),
        };
        applied.fields.extend(told(&answer));
        Ok(applied)
    }
}

/// The file that is meant, and what it is to have.
async fn destination(
    args: &Args,
    wanted: Option<&Sum>,
    reach: &Reach<Read>,
) -> Result<(Seen, Settled), Failure> {
    let about = |path: &str| match wanted {
        Some(sum) => Ask::about(path).sum(disk::Sum::Sha1).sum(sum.algorithm),
        None => Ask::about(path).sum(disk::Sum::Sha1),
    };
    let dest = args.dest.trim_end_matches('/');
    let above = dest.rsplit_once('/').map_or(".", |(above, _)| above);
    let inside = args.name().map(|name| format!("{dest}/{name}"));
    let mut question = Question {
        files: vec![about(&args.dest), about(above_or_root(above))],
        ..Question::default()
    };
    question.files.extend(inside.iter().map(|path| about(path)));
    args.wish().ask(&mut question);
    let answer = disk::ask(reach, question).await?;
    let attributes = args.wish().settle(&answer)?.preserving(None)?;
    let mut files = answer.files.into_iter();
    let (Some(dest), Some(above)) = (files.next(), files.next()) else {
        return Err(unfit("nothing is known of the destination"));
    };
    if dest.leads_to(Kind::Folder) {
        inside?;
        let file = files
            .next()
            .ok_or_else(|| unfit("nothing is known of the destination"))?;
        return match file.leads_to(Kind::Folder) {
            true => Err(unfit(format!("{} is a folder", file.path))),
            false => Ok((file, attributes)),
        };
    }
    if args.dest.ends_with('/') {
        return Err(unfit(format!("Destination {} does not exist", dest.path)));
    }
    match above.leads_to(Kind::Folder) {
        true => Ok((dest, attributes)),
        false => Err(unfit(format!("Destination {} does not exist", above.path))),
    }
}

fn above_or_root(above: &str) -> &str {
    if above.is_empty() { "/" } else { above }
}

/// Whether the web has a newer one than the host. A server that cannot tell has.
async fn is_newer(args: &Args, path: &str, reach: &Reach<Read>) -> Result<bool, Failure> {
    let mut request = args.request(&args.url)?;
    request.flag("head");
    request.option("time-cond", path);
    let executed = ask_with(&script(&request, false, ":"), Some(&request.config()), reach).await?;
    Ok(Answer::read(&executed)?.status != 304)
}

/// What is done with a body that came whole: its sum is compared first; where the file holds
/// something else it is kept for the step that puts it in place, readable by its owner only.
fn keep(facts: &Facts) -> String {
    let compare = facts.wanted.as_ref().map_or(String::new(), |sum| {
        format!(
            "s=$({}sum <\"$b\" | cut -d' ' -f1); [ \"$s\" = {} ] || {{ echo \"sum $s\"; return; }}; ",
            sum.algorithm.name(),
            quote(&sum.hex)
        )
    });
    let old = facts
        .seen
        .sums
        .get(&disk::Sum::Sha1)
        .map_or("none", String::as_str);
    format!(
        r#"keep() {{ {compare}s=$(sha1sum <"$b" | cut -d' ' -f1); [ "$s" != {old} ] || {{ echo same; return; }}
t=$(mktemp "${{TMPDIR:-/tmp}}/.cutover.XXXXXX") && {{ cat "$b" >"$t" || {{ rm -f "$t"; false; }}; }} && echo "kept $(stat -c %Y "$b") $s $t"; }}
c=$(sed -n 's/^HTTP\/[^ ]* \([0-9]*\).*/\1/p' "$h" | tail -n 1)
if [ "$rc" = 0 ]; then case ${{c:-200}} in 2??) (keep) 2>&1;; esac; fi"#
    )
}

/// What the host has of the answer.
enum Came<'a> {
    /// What was there already.
    Same,
    /// Another file.
    Kept(Kept<'a>),
    /// Something with this sum, which is not the right one.
    Wrong(&'a str),
    Nothing,
}

/// A body, as it lies on the host.
#[derive(Clone, Copy)]
struct Kept<'a> {
    /// When the web last changed it, in seconds since 1970.
    modified: f64,
    sha1: &'a str,
    path: &'a str,
}

impl<'a> Came<'a> {
    fn read(answer: &'a Answer) -> Self {
        let kept = |line: &'a str| {
            let mut words = line.strip_prefix("kept ")?.splitn(3, ' ');
            Some(Kept {
                modified: words.next()?.parse().ok()?,
                sha1: words.next()?,
                path: words.next()?,
            })
        };
        let line = answer.said.iter().find_map(|line| match line.as_str() {
            "same" => Some(Self::Same),
            line => kept(line)
                .map(Self::Kept)
                .or_else(|| line.strip_prefix("sum ").map(Self::Wrong)),
        });
        line.unwrap_or(Self::Nothing)
    }
}

/// The file is right; its attributes may not be.
async fn unchanged(facts: &Facts, reach: &Reach<Write>) -> Result<Applied, Failure> {
    match attributes_only(&facts.seen, &facts.attributes)? {
        Some(edit) => edit.make(reach).await,
        None => Ok(Applied {
            fields: crate::fields([("state", "file".into())]),
            unchanged: true,
            failed: None,
        }),
    }
}

/// Puts what was kept in its place, whole and with its attributes, and lets nothing lie about.
async fn put(args: &Args, facts: &Facts, kept: Kept<'_>, reach: &Reach<Write>) -> Result<Applied, Failure> {
    let put = Put {
        seen: &facts.seen,
        path: &facts.seen.path,
        text: Text::Of(kept.path.to_owned()),
        diff: None,
        attributes: &facts.attributes,
        backup: args.backup,
        validate: None,
        inside: false,
        now: facts.now,
    };
    let remove = Step::Remove {
        path: kept.path.to_owned(),
    };
    let (edit, backup) = put.edit()?;
    let edit = edit
        .then(Step::Times {
            path: facts.seen.path.clone(),
            accessed: None,
            modified: Some(Moment::At(kept.modified)),
        })
        .then(remove.clone());
    let mut made = edit.make(reach).await;
    match &mut made {
        Ok(applied) => {
            applied.fields.insert("checksum_src".into(), kept.sha1.into());
            applied.fields.insert("checksum_dest".into(), kept.sha1.into());
            let backup = backup.map(|path| ("backup_file".to_owned(), path.into()));
            applied.fields.extend(backup);
        }
        // What went wrong is told; that the rest could not be cleared away would hide it.
        Err(_) => drop(disk::carry_out(reach, vec![remove], Vec::new()).await),
    }
    made
}

fn told(answer: &Answer) -> Map {
    crate::fields([
        ("status_code", answer.status.into()),
        ("msg", answer.message().into()),
    ])
}

fn mismatch(facts: &Facts, answer: &Answer, sum: &str) -> Applied {
    let wanted = facts.wanted.as_ref().map_or("", |sum| sum.hex.as_str());
    let path = &facts.seen.path;
    let message = format!("The checksum for {path} did not match {wanted}; it was {sum}.");
    failed(answer, message)
}

/// Why nothing came.
fn refusal(answer: &Answer) -> String {
    match answer.status {
        -1 | 200..300 if !answer.said.is_empty() => {
            format!("failed to keep what came: {}", answer.said.join(" "))
        }
        -1 => answer.message(),
        _ => format!("Request failed: {}", answer.message()),
    }
}

fn failed(answer: &Answer, message: String) -> Applied {
    let mut fields = told(answer);
    fields.insert("msg".into(), message.as_str().into());
    fields.insert("response".into(), answer.message().into());
    Applied {
        fields,
        unchanged: true,
        failed: Some(message),
    }
}
