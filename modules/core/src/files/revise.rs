//! Changing a part of a file: what `lineinfile`, `blockinfile` and `replace` have in common.

use cutover_kit::{Failure, Map, Plan, Reach, Read};
use jiff::Timestamp;

use super::attributes::Wish;
use super::edit::Edit;
use super::put::{Put, attributes_only, bytes, diff};
use super::unfit;
use crate::disk::{self, Answer, Ask, Content, Kind, Question, Seen, Step};

/// The file, and how it is written.
pub(super) struct Target<'a> {
    pub(super) path: &'a str,
    pub(super) wish: Wish<'a>,
    /// Whether it is made where it is missing.
    pub(super) create: bool,
    pub(super) backup: bool,
    pub(super) validate: Option<&'a str>,
    pub(super) inside: bool,
    /// Whether what it is changed to must not show.
    pub(super) secret: bool,
    /// How a missing one is called.
    pub(super) called: &'static str,
    /// What stands behind its path above a difference.
    pub(super) heading: &'static str,
    /// The field that names the kept file, and whether it is there even without one.
    pub(super) kept: (&'static str, bool),
}

/// What look found.
#[derive(Debug)]
pub struct Facts {
    answer: Answer,
    now: Timestamp,
}

/// What a file is changed to.
pub(super) struct Revised {
    pub(super) content: Vec<u8>,
    /// What was done, as results say it; empty where nothing.
    pub(super) msg: String,
    pub(super) fields: Map,
}

impl Target<'_> {
    /// Reads the file.
    pub(super) async fn look(&self, reach: &Reach<Read>) -> Result<Facts, Failure> {
        let mut question = Question {
            files: vec![Ask::about(self.path).content(Content::All)],
            ..Question::default()
        };
        if let Some((folder, _)) = self.path.rsplit_once('/') {
            question
                .files
                .push(Ask::about(if folder.is_empty() { "/" } else { folder }));
        }
        self.wish.ask(&mut question);
        Ok(Facts {
            answer: disk::ask(reach, question).await?,
            now: reach.clock().now(),
        })
    }

    /// The content as it is; `None` where there is no file, and may be none.
    pub(super) fn content<'f>(&self, facts: &'f Facts) -> Result<Option<&'f [u8]>, Failure> {
        let seen = facts.seen()?;
        let path = &seen.path;
        if seen.leads_to(Kind::Folder) {
            return Err(unfit(format!("Path {path} is a directory !")).field("rc", 256));
        }
        if seen.target.is_none() {
            return match self.create {
                true => Ok(None),
                false => {
                    let message = format!("{} {path} does not exist !", self.called);
                    Err(unfit(message).field("rc", 257))
                }
            };
        }
        let unreadable = || unfit(format!("{path} cannot be read"));
        seen.content.as_deref().ok_or_else(unreadable).map(Some)
    }

    /// What there is to do for it.
    pub(super) fn plan(&self, facts: &Facts, revised: Revised) -> Result<Plan<Edit>, Failure> {
        let seen = facts.seen()?;
        let wanted = self.wish.settle(&facts.answer)?;
        let (name, always) = self.kept;
        let mut fields = crate::fields([("msg", revised.msg.as_str().into())]);
        if always {
            fields.insert(name.into(), "".into());
        }
        fields.extend(revised.fields);
        if seen.content.as_ref() == Some(&revised.content) {
            return Ok(match attributes_only(seen, &wanted)? {
                Some(edit) => {
                    fields.insert("msg".into(), "attributes changed".into());
                    Plan::of(vec![edit], "its attributes are others").with(fields)
                }
                None => Plan::nothing("it is as it should be").with(fields),
            });
        }
        let path = if seen.real.is_empty() {
            &seen.path
        } else {
            &seen.real
        };
        let before = seen.content.as_deref().unwrap_or_default();
        let shown =
            diff(&format!("{path}{}", self.heading), Some(before), &revised.content).filter(|_| !self.secret);
        let put = Put {
            seen,
            path,
            text: bytes(revised.content),
            diff: shown,
            attributes: &wanted,
            backup: self.backup,
            validate: self.validate,
            inside: self.inside,
            now: facts.now,
        };
        let (mut edit, kept) = put.edit()?;
        if let Some(kept) = kept {
            edit = edit.with(crate::fields([(name, kept.into())]));
        }
        if let Some(above) = facts.answer.files.get(1).filter(|above| !above.exists()) {
            edit = edit.after(Step::Folder {
                path: above.path.clone(),
                attributes: disk::Attributes::default(),
            });
        }
        Ok(Plan::of(vec![edit], revised.msg).with(fields))
    }

    /// Where nothing is to be done because there is no file.
    pub(super) fn missing(&self, msg: &str) -> Plan<Edit> {
        Plan::nothing(msg).with(crate::fields([("msg", msg.into())]))
    }
}

impl Facts {
    fn seen(&self) -> Result<&Seen, Failure> {
        self.answer
            .files
            .first()
            .ok_or_else(|| unfit("nothing is known of the file"))
    }

    /// Whether there is a file.
    pub(super) fn exists(&self) -> bool {
        self.answer
            .files
            .first()
            .is_some_and(|seen| seen.target.is_some())
    }
}
