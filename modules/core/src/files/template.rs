//! `template`: a file that is rendered on this machine and written on the host.

use cutover_kit::reach::Rendering;
use cutover_kit::{Applied, Failure, FailureKind, Module, Plan, Reach, Read, Traits, Value, Write};
use schemars::JsonSchema;
use serde::Deserialize;

use super::account::Account;
use super::copy::{self, Prepared, What};
use super::mode::Mode;
use super::source::{self, Sent};
use super::{CHANGES, Edit, misfit, yes};

/// The `template` module.
#[derive(Clone, Copy, Debug)]
pub struct Template;

/// Renders a template of this machine with the host's variables and writes what comes out.
///
/// What is made of a secret is written and never shown. A file is written whole or not at all.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Args {
    /// The template. A relative one is looked for in `templates` beside the role and the playbook.
    src: String,
    /// Where it goes. Where that is a folder, or ends with `/`, the file keeps its name in it.
    dest: String,
    /// Permissions: octal digits in quotes (`"0644"`), symbols (`u=rw,g=r`), or `preserve` for those of the template.
    #[serde(default)]
    mode: Option<Mode>,
    /// The user it belongs to.
    #[serde(default)]
    owner: Option<Account>,
    /// The group it belongs to.
    #[serde(default)]
    group: Option<Account>,
    /// Whether the old file is kept beside the new one.
    #[serde(default)]
    backup: bool,
    /// A command that must accept the new file before it takes its place; `%s` stands for it.
    #[serde(default)]
    validate: Option<String>,
    /// Whether a file that is there is replaced.
    #[serde(default = "yes")]
    force: bool,
    /// Whether a link at `dest` stays, and what it leads to is written.
    #[serde(default)]
    follow: bool,
    /// Whether a file that cannot be replaced (a mount point) is written into.
    #[serde(default)]
    unsafe_writes: bool,
    /// What ends a line: `\n`, `\r\n` or `\r`.
    #[serde(default)]
    newline_sequence: Option<String>,
    /// What begins a statement. Default: `{%`.
    #[serde(default)]
    block_start_string: Option<String>,
    /// What ends a statement. Default: `%}`.
    #[serde(default)]
    block_end_string: Option<String>,
    /// What begins an expression. Default: `{{`.
    #[serde(default)]
    variable_start_string: Option<String>,
    /// What ends an expression. Default: `}}`.
    #[serde(default)]
    variable_end_string: Option<String>,
    /// What begins a comment. Default: `{#`.
    #[serde(default)]
    comment_start_string: Option<String>,
    /// What ends a comment. Default: `#}`.
    #[serde(default)]
    comment_end_string: Option<String>,
    /// Whether the line end right after a statement goes. Default: yes.
    #[serde(default)]
    trim_blocks: Option<bool>,
    /// Whether blanks before a statement that begins its line go. Default: no.
    #[serde(default)]
    lstrip_blocks: Option<bool>,
    /// How text is coded: only `utf-8`.
    #[serde(default)]
    output_encoding: Option<String>,
}

impl Module for Template {
    const NAME: &'static str = "template";
    type Args = Args;
    type Facts = Prepared;
    type Change = Edit;

    fn traits(&self) -> Traits {
        CHANGES
    }

    async fn look(&self, args: &Args, reach: &Reach<Read>) -> Result<Prepared, Failure> {
        if let Some(other) = args.output_encoding.as_ref().filter(|name| !is_utf8(name)) {
            return Err(misfit(format!(
                "output_encoding: `{other}` is not there, only utf-8"
            )));
        }
        let path = source::place(reach, &args.src, "templates");
        if !path.is_file() {
            return Err(source::absent(reach, &args.src));
        }
        let (content, secret) = match reach.render(&path, &args.rendering())? {
            Value::Secret(secret) => (secret.expose().to_owned(), true),
            Value::String(text) => (text, false),
            Value::Later(later) => return Ok(Prepared::later(args.copy(), later, reach)),
            other => {
                let message = format!("a template made {}, and no text", other.kind());
                return Err(Failure::new(FailureKind::Internal, message));
            }
        };
        let what = What::Content {
            from: Some(Sent {
                mode: source::mode(&path),
                secret: false,
                path: path.display().to_string(),
                content: Vec::new(),
            }),
            content: content.into_bytes(),
            secret,
        };
        Prepared::gathered(args.copy(), what, reach).await
    }

    fn plan(&self, _args: &Args, copy: &Prepared) -> Result<Plan<Edit>, Failure> {
        copy.plan()
    }

    async fn apply(
        &self,
        _: &Args,
        _: &Prepared,
        edit: &Edit,
        reach: &Reach<Write>,
    ) -> Result<Applied, Failure> {
        edit.make(reach).await
    }

    fn undo(&self, _: &Self::Args, _: &Self::Facts, edit: &Edit) -> Option<Edit> {
        edit.undo()
    }
}

impl Args {
    fn rendering(&self) -> Rendering {
        Rendering {
            block: (self.block_start_string.clone(), self.block_end_string.clone()),
            variable: (
                self.variable_start_string.clone(),
                self.variable_end_string.clone(),
            ),
            comment: (self.comment_start_string.clone(), self.comment_end_string.clone()),
            trim_blocks: self.trim_blocks,
            lstrip_blocks: self.lstrip_blocks,
            newline: self
                .newline_sequence
                .as_ref()
                .map(|text| text.replace("\\n", "\n").replace("\\r", "\r")),
            destination: Some(self.dest.clone()),
        }
    }

    fn copy(&self) -> copy::Args {
        copy::Args {
            dest: self.dest.clone(),
            mode: self.mode.clone(),
            owner: self.owner.clone(),
            group: self.group.clone(),
            backup: self.backup,
            force: self.force,
            follow: self.follow,
            validate: self.validate.clone(),
            unsafe_writes: self.unsafe_writes,
            ..copy::Args::default()
        }
    }
}

fn is_utf8(name: &str) -> bool {
    name.eq_ignore_ascii_case("utf-8") || name.eq_ignore_ascii_case("utf8")
}
