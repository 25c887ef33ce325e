//! What `copy` has to do for a folder: everything in one change.

use cutover_kit::Failure;
use cutover_kit::module::Plan;

use super::args::Args;
use super::{Facts, What};
use crate::disk::{Bytes, Kind, Seen, Step, Sum, Text, Writing};
use crate::files::attributes::Settled;
use crate::files::edit::{Edit, backup};
use crate::files::put::{sha1, words};
use crate::files::source::{Below, Entry, Sent};
use crate::files::unfit;

struct Copying<'a> {
    args: &'a Args,
    facts: &'a Facts,
    files: Settled,
    folders: Settled,
    steps: Vec<Step>,
    written: usize,
}

pub(super) fn plan(args: &Args, facts: &Facts, below: &[Below]) -> Result<Plan<Edit>, Failure> {
    let wanted = args.wish().settle(&facts.answer)?;
    let source = match &facts.what {
        What::Folder { mode, .. } => *mode,
        _ => None,
    };
    let mut copying = Copying {
        args,
        facts,
        folders: wanted.with_mode(args.directory_mode.clone()).preserving(source)?,
        files: wanted,
        steps: Vec::new(),
        written: 0,
    };
    let [dest, seen @ ..] = &facts.answer.files[..] else {
        return Err(unfit("nothing is known of the destination"));
    };
    if dest.exists() && !dest.leads_to(Kind::Folder) {
        return Err(unfit(format!("{} is no folder", dest.path)));
    }
    if !dest.exists() {
        let path = dest.path.trim_end_matches('/');
        copying.steps.push(Step::Folder {
            path: path.to_owned(),
            attributes: copying.folders.of_new(true)?,
        });
    }
    let there = &seen[below.len().min(seen.len())..];
    let mut sources = there.iter();
    for (below, seen) in below.iter().zip(seen) {
        copying.one(below, seen, &mut sources)?;
    }
    let result = crate::fields([
        ("dest", format!("{}/", dest.path.trim_end_matches('/')).into()),
        ("src", args.src.as_deref().unwrap_or_default().into()),
    ]);
    if copying.steps.is_empty() {
        return Ok(Plan::nothing("all of it is as it should be").with(result));
    }
    let text = match copying.written {
        0 => format!("set attributes below {}", dest.path),
        1 => format!("write 1 file below {}", dest.path),
        count => format!("write {count} files below {}", dest.path),
    };
    Ok(Plan::of(
        vec![Edit::new(text, copying.steps)],
        "some of it is not as it should be",
    )
    .with(result))
}

impl Copying<'_> {
    fn one<'s>(
        &mut self,
        below: &Below,
        seen: &Seen,
        sources: &mut impl Iterator<Item = &'s Seen>,
    ) -> Result<(), Failure> {
        match &below.it {
            Entry::Folder => self.folder(seen),
            Entry::Link(to) => {
                if seen.link != *to {
                    let (path, to) = (seen.path.clone(), to.clone());
                    self.written += 1;
                    self.steps.push(Step::Symlink { path, to });
                }
                Ok(())
            }
            Entry::File(sent) if self.args.remote_src => {
                let sum = sources.next().and_then(|seen| seen.sums.get(&Sum::Sha1));
                self.file(seen, sent, sum, Text::Of(sent.path.clone()))
            }
            Entry::File(sent) => {
                let text = Text::Bytes(Bytes(sent.content.clone()));
                self.file(seen, sent, Some(&sha1(&sent.content)), text)
            }
        }
    }

    fn folder(&mut self, seen: &Seen) -> Result<(), Failure> {
        if let Some(stat) = &seen.target {
            if !stat.is(Kind::Folder) {
                return Err(unfit(format!("{} is no folder", seen.path)));
            }
            if let Some(difference) = self.folders.difference(stat)? {
                self.steps.push(Step::Set {
                    path: seen.path.clone(),
                    attributes: difference.set,
                });
            }
            return Ok(());
        }
        self.steps.push(Step::Folder {
            path: seen.path.clone(),
            attributes: self.folders.of_new(true)?,
        });
        Ok(())
    }

    fn file(&mut self, seen: &Seen, sent: &Sent, sum: Option<&String>, text: Text) -> Result<(), Failure> {
        let wanted = self.files.clone().preserving(Some(sent.mode))?;
        let same = sum.is_some() && seen.sums.get(&Sum::Sha1) == sum;
        if same || seen.exists() && !self.args.force {
            if let Some(stat) = &seen.target
                && let Some(difference) = wanted.difference(stat)?
            {
                let (path, attributes) = (seen.path.clone(), difference.set);
                self.steps.push(Step::Set { path, attributes });
            }
            return Ok(());
        }
        let args = self.args;
        self.written += 1;
        self.steps.push(Step::Write(Writing {
            path: seen.path.clone(),
            text,
            attributes: wanted.in_place_of(seen.target.as_ref())?,
            backup: (args.backup && seen.exists()).then(|| backup(&seen.path, self.facts.now)),
            validate: args.validate.as_deref().map(words).transpose()?,
            inside: args.unsafe_writes,
        }));
        Ok(())
    }
}
