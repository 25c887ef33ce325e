//! Where an archive is, and how it gets to the script that unpacks it.

use cutover_kit::secret::Origin;
use cutover_kit::{Failure, Later, Reach, Read, Secret};

use super::Args;
use super::script::{NO_SOURCE, NOT_FETCHED};
use crate::files::misfit;
use crate::files::source::{self, Source, Taking};
use crate::process::{path, quote};
use crate::web::exchange::{Request, needs_curl};

/// An archive.
pub(super) enum Archive {
    /// Of this machine: its bytes as base64, which travel through standard input.
    Sent(Secret),
    /// Of the host.
    There,
    /// Of the web: what `curl` is to fetch.
    Web(Secret),
}

impl std::fmt::Debug for Archive {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Sent(_) => "sent",
            Self::There => "there",
            Self::Web(_) => "from the web",
        })
    }
}

impl Archive {
    /// Where it is; an error says which step makes it where there is none yet.
    pub(super) fn gathered(args: &Args, reach: &Reach<Read>) -> Result<Result<Self, Later>, Failure> {
        if !args.is_sent() {
            return Ok(Ok(match args.src.contains("://") {
                true => Self::Web(request(args).config()),
                false => Self::There,
            }));
        }
        let taking = Taking {
            links: false,
            decrypt: args.decrypt,
        };
        let content = match source::read(reach, &args.src, "files", taking)? {
            Source::File(sent) => sent.content,
            Source::Later(later) => return Ok(Err(later)),
            Source::Folder(_) => return Err(misfit(format!("{} is a folder, and no archive", args.src))),
        };
        let coded = openssl::base64::encode_block(&content);
        Ok(Ok(Self::Sent(Secret::new(coded, Origin::Argument))))
    }

    /// What the script reads.
    pub(super) fn stdin(&self) -> Option<&Secret> {
        match self {
            Self::Sent(text) | Self::Web(text) => Some(text),
            Self::There => None,
        }
    }

    /// What the script says of it. An address, which may hold a password, stands in no script: those
    /// show in the host's process list.
    pub(super) fn shown<'a>(&self, args: &'a Args) -> &'a str {
        match self {
            Self::Web(_) => "what the web has",
            _ => args.src.lines().next().unwrap_or_default(),
        }
    }

    /// Lines that make `$a` its path on the host.
    pub(super) fn fetch(&self, args: &Args) -> String {
        match self {
            Self::Sent(_) => r#"a=$d/archive; base64 -d >"$a" || exit 1"#.to_owned(),
            Self::Web(_) => format!(
                "{}\na=$d/archive; curl -q -K - -sSfL -o \"$a\" >&2 || exit {NOT_FETCHED}",
                needs_curl()
            ),
            Self::There => {
                let at = path(&args.src);
                let folder = quote("is a folder, and no archive");
                format!(
                    "a={at}; [ -r \"$a\" ] || exit {NO_SOURCE}; [ ! -d \"$a\" ] || {{ echo {folder} >&2; exit {NO_SOURCE}; }}"
                )
            }
        }
    }
}

fn request(args: &Args) -> Request {
    let mut request = Request::bounded(&args.src, 10);
    if !args.validate_certs {
        request.flag("insecure");
    }
    request
}
