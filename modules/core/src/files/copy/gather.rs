//! What `copy` reads before it decides.

use cutover_kit::{Failure, Reach, Read};

use super::args::Args;
use super::{Facts, What};
use crate::disk::{self, Answer, Ask, Content, Kind, Question, Seen, Sum, Tree};
use crate::files::source::{self, Below, Entry, Sent, Source, Taking};
use crate::files::{misfit, unfit};

pub(super) async fn gather(args: &Args, reach: &Reach<Read>) -> Result<Facts, Failure> {
    let what = match (&args.src, &args.content) {
        (None, None) => return Err(misfit("src (or content) is required")),
        (Some(_), Some(_)) => return Err(misfit("src and content are mutually exclusive")),
        (None, Some(content)) => What::Content {
            from: None,
            content: content.text.clone().into_bytes(),
            secret: content.secret,
        },
        (Some(src), None) if args.remote_src => there(src, args.local_follow, reach).await?,
        (Some(src), None) => here(args, src, reach)?,
    };
    gathered(args, what, reach).await
}

/// The same where it is known already what is copied.
pub(in crate::files) async fn gathered(
    args: &Args,
    what: What,
    reach: &Reach<Read>,
) -> Result<Facts, Failure> {
    let mut question = Question {
        files: asks(args, &what),
        ..Question::default()
    };
    args.wish().ask(&mut question);
    let answer = match what {
        What::Later(_) => Answer::default(),
        _ => disk::ask(reach, question).await?,
    };
    Ok(Facts {
        what,
        answer,
        now: reach.clock().now(),
    })
}

/// Of this machine.
fn here(args: &Args, src: &str, reach: &Reach<Read>) -> Result<What, Failure> {
    let taking = Taking {
        links: !args.local_follow,
        decrypt: args.decrypt,
    };
    Ok(match source::read(reach, src, "files", taking)? {
        Source::Later(later) => What::Later(later),
        Source::File(mut from) => What::Content {
            content: std::mem::take(&mut from.content),
            secret: from.secret,
            from: Some(from),
        },
        Source::Folder(below) => {
            let place = source::place(reach, src, "files");
            let name = place.file_name().unwrap_or_default().to_string_lossy();
            What::Folder {
                below: within(src, &name, below),
                mode: None,
            }
        }
    })
}

/// A folder without a slash at its end is copied itself.
fn within(src: &str, name: &str, below: Vec<Below>) -> Vec<Below> {
    if src.ends_with('/') {
        return below;
    }
    let itself = Below {
        path: name.to_owned(),
        it: Entry::Folder,
    };
    let rest = below.into_iter().map(|below| Below {
        path: format!("{name}/{}", below.path),
        ..below
    });
    std::iter::once(itself).chain(rest).collect()
}

/// Of the host itself.
async fn there(src: &str, follow: bool, reach: &Reach<Read>) -> Result<What, Failure> {
    let question = Question {
        files: vec![Ask::about(src).sum(Sum::Sha1).content(Content::Small)],
        trees: vec![Tree {
            path: src.to_owned(),
            depth: None,
            follow,
            limit: None,
        }],
        ..Question::default()
    };
    let mut answer = disk::ask(reach, question).await?;
    let Some(seen) = answer.files.pop().filter(|seen| seen.target.is_some()) else {
        return Err(unfit(format!("Source {src} not found on the host")));
    };
    if !seen.leads_to(Kind::Folder) {
        return Ok(What::There(Box::new(seen)));
    }
    let entries = answer.trees.pop().flatten().unwrap_or_default();
    let links = entries.iter().filter(|entry| entry.stat.is(Kind::Link));
    let question = Question {
        files: links.map(|link| Ask::about(&link.path)).collect(),
        ..Question::default()
    };
    let mut links = match question.files.is_empty() {
        true => Vec::new(),
        false => disk::ask(reach, question).await?.files,
    }
    .into_iter();
    let top = format!("{}/", seen.path.trim_end_matches('/'));
    let mut below = Vec::new();
    for entry in entries {
        let link = if entry.stat.is(Kind::Link) {
            links.next()
        } else {
            None
        };
        let Some(inside) = entry.path.strip_prefix(&top).map(str::to_owned) else {
            continue;
        };
        let it = one(entry, link, follow)?;
        below.push(Below { path: inside, it });
    }
    let name = seen
        .path
        .trim_end_matches('/')
        .rsplit('/')
        .next()
        .unwrap_or_default();
    Ok(What::Folder {
        below: within(src, name, below),
        mode: seen.target.as_ref().map(disk::Stat::permissions),
    })
}

/// Something in a folder of the host: what it is itself, or, of a link that is followed, what it
/// leads to.
fn one(entry: disk::Entry, link: Option<Seen>, follow: bool) -> Result<Entry, Failure> {
    let path = entry.path;
    let stat = match link {
        Some(link) if !follow => return Ok(Entry::Link(link.link)),
        Some(link) => link.target.ok_or_else(|| {
            unfit(format!("{path} leads nowhere")).hint("`local_follow: false` copies links as links")
        })?,
        None => entry.stat,
    };
    match stat.kind() {
        Kind::Folder => Ok(Entry::Folder),
        // Its content stays where it is; the path says which file of the host it is.
        Kind::File => Ok(Entry::File(Sent {
            mode: stat.permissions(),
            secret: false,
            content: Vec::new(),
            path,
        })),
        _ => Err(unfit(format!(
            "{path} is neither file nor folder, and cannot be copied"
        ))),
    }
}

/// What is asked: the destination, then the name below it or everything that is copied.
fn asks(args: &Args, what: &What) -> Vec<Ask> {
    let about = |path: String| Ask::about(path).sum(Sum::Sha1).content(Content::Small);
    let mut asks = vec![about(args.dest.clone())];
    let dest = args.dest.trim_end_matches('/');
    match what {
        What::Content { from, .. } => {
            if let Some(name) = from.as_ref().and_then(|from| from.path.rsplit('/').next()) {
                asks.push(about(format!("{dest}/{name}")));
            }
        }
        What::There(seen) => asks.push(about(format!("{dest}/{}", name(seen)))),
        What::Folder { below: all, .. } => {
            // Only files that are compared one by one show their content.
            let below = all.iter().map(|below| format!("{dest}/{}", below.path));
            asks.extend(below.map(|path| Ask::about(path).sum(Sum::Sha1)));
            if args.remote_src {
                let files = all.iter().filter_map(|below| match &below.it {
                    Entry::File(sent) => Some(Ask::about(&sent.path).sum(Sum::Sha1)),
                    _ => None,
                });
                asks.extend(files);
            }
        }
        What::Later(_) => {}
    }
    // The folder that a file goes to, last.
    if let Some((folder, _)) = dest.rsplit_once('/') {
        asks.push(Ask::about(if folder.is_empty() { "/" } else { folder }));
    }
    asks
}

/// The name of a file of the host.
pub(super) fn name(seen: &Seen) -> &str {
    seen.path.rsplit('/').next().unwrap_or_default()
}
