//! What `copy` has to do for one file.

use cutover_kit::module::Plan;
use cutover_kit::{Failure, Map};

use super::args::Args;
use super::{Facts, What, folder};
use crate::disk::{Kind, Seen, Step, Sum, Text};
use crate::files::attributes::described;
use crate::files::edit::Edit;
use crate::files::put::{Put, attributes_only, bytes, diff, sha1, sums};
use crate::files::unfit;

/// One file to copy.
struct One<'a> {
    /// Its name where it goes into a folder.
    name: Option<&'a str>,
    /// How results call it.
    from: Option<&'a str>,
    text: Text,
    content: Option<&'a [u8]>,
    sum: String,
    mode: Option<u32>,
    secret: bool,
}

pub(in crate::files) fn plan(args: &Args, facts: &Facts) -> Result<Plan<Edit>, Failure> {
    match &facts.what {
        What::Later(later) => Ok(Plan::later(later.clone(), "its content shows then")),
        What::Folder { below, .. } => folder::plan(args, facts, below),
        What::Content {
            from,
            content,
            secret,
        } => {
            let path = from.as_ref().map(|from| from.path.as_str());
            let one = One {
                name: path.and_then(|path| path.rsplit('/').next()),
                from: path,
                sum: sha1(content),
                content: Some(content),
                text: bytes(content.clone()),
                mode: from.as_ref().map(|from| from.mode),
                secret: *secret,
            };
            file(args, facts, one)
        }
        What::There(seen) => {
            let one = One {
                name: Some(super::gather::name(seen)),
                from: Some(&seen.path),
                sum: seen.sums.get(&Sum::Sha1).cloned().unwrap_or_default(),
                content: seen.content.as_deref(),
                text: Text::Of(seen.path.clone()),
                mode: seen.target.as_ref().map(crate::disk::Stat::permissions),
                secret: false,
            };
            file(args, facts, one)
        }
    }
}

fn file(args: &Args, facts: &Facts, one: One<'_>) -> Result<Plan<Edit>, Failure> {
    if let Some(wanted) = args.checksum.as_ref().filter(|wanted| **wanted != one.sum) {
        let message = "Copied file does not match the expected checksum. Transfer failed.";
        return Err(unfit(message)
            .field("checksum", one.sum)
            .field("expected_checksum", wanted.as_str()));
    }
    let (seen, folder) = destination(args, facts, one.name)?;
    let path = match args.follow && seen.is(Kind::Link) {
        true => seen.real.as_str(),
        false => seen.path.as_str(),
    };
    let wanted = args.wish().settle(&facts.answer)?.preserving(one.mode)?;
    let mut result = crate::fields([("dest", path.into()), ("checksum", one.sum.as_str().into())]);
    if let Some(from) = one.from {
        result.insert("src".into(), from.into());
    }
    let same = seen.sums.get(&Sum::Sha1) == Some(&one.sum) || seen.exists() && !args.force;
    if same {
        result.insert("path".into(), path.into());
        return Ok(match attributes_only(seen, &wanted)? {
            Some(edit) => Plan::of(vec![edit], "its attributes are others").with(result),
            None => Plan::nothing("it is as it should be").with(unchanged(seen, result)),
        });
    }
    let before = seen.content.as_deref();
    let known = (before.is_some() || !seen.exists()) && !one.secret;
    let shown = one
        .content
        .filter(|_| known)
        .and_then(|new| diff(path, before, new));
    let made = one.content.map(sums).unwrap_or_default();
    let put = Put {
        seen,
        path,
        text: one.text,
        diff: shown,
        attributes: &wanted,
        backup: args.backup,
        validate: args.validate.as_deref(),
        inside: args.unsafe_writes,
        now: facts.now,
    };
    let (edit, kept) = put.edit()?;
    let edit = match folder {
        Some(folder) => edit.after(folder),
        None => edit,
    };
    let fields = kept.map(|kept| crate::fields([("backup_file", kept.into())]));
    let why = if seen.exists() {
        "its content is another"
    } else {
        "it is not there"
    };
    Ok(Plan::of(vec![edit.with(made).with(fields.unwrap_or_default())], why).with(result))
}

fn unchanged(seen: &Seen, mut result: Map) -> Map {
    result.extend(described(seen));
    result
}

/// The file to write, and the step that makes the folder for it.
fn destination<'a>(
    args: &Args,
    facts: &'a Facts,
    name: Option<&str>,
) -> Result<(&'a Seen, Option<Step>), Failure> {
    let files = &facts.answer.files;
    let dest = files
        .first()
        .ok_or_else(|| unfit("nothing is known of the destination"))?;
    let wants_folder = args.dest.ends_with('/');
    if !wants_folder && !dest.leads_to(Kind::Folder) {
        let above = files.last().filter(|_| args.dest.contains('/'));
        if let Some(above) = above.filter(|above| !above.leads_to(Kind::Folder)) {
            return Err(unfit(format!(
                "Destination directory {} does not exist",
                above.path
            )));
        }
        return Ok((dest, None));
    }
    let (Some(_), Some(inside)) = (name, files.get(1)) else {
        return Err(unfit(format!(
            "{} is a folder, and content has no name to go there",
            args.dest
        )));
    };
    if inside.leads_to(Kind::Folder) {
        return Err(unfit(format!(
            "cannot copy a file over the folder {}",
            inside.path
        )));
    }
    let step = match dest.exists() {
        true => None,
        false => Some(Step::Folder {
            path: dest.path.trim_end_matches('/').to_owned(),
            attributes: args
                .wish()
                .settle(&facts.answer)?
                .with_mode(args.directory_mode.clone())
                .of_new(true)?,
        }),
    };
    Ok((inside, step))
}
