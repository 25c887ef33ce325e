//! Files that are templates: how they are marked up, and how their text is made.

use std::path::Path;
use std::sync::Arc;

use cutover_kit::Value;
use cutover_kit::secret::Origin;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use minijinja::syntax::SyntaxConfig;

use super::error::{ErrorKind, Fault, TemplateError};
use super::eval::Eval;
use super::leaf::{Leaf, leaf};
use super::moment::Moment;
use super::{Templar, compile};
use crate::files;
use crate::scope::{Layer, Rank, Scope};
use crate::source::Source;
use crate::yaml::Node;

/// How a file marks up what is a template in it. The first line of a file may
/// say otherwise: `#jinja2: lstrip_blocks: True, variable_start_string: '[%'`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileOptions {
    /// Begins a statement.
    pub block_start: String,
    /// Ends a statement.
    pub block_end: String,
    /// Begins an expression.
    pub variable_start: String,
    /// Ends an expression.
    pub variable_end: String,
    /// Begins a comment.
    pub comment_start: String,
    /// Ends a comment.
    pub comment_end: String,
    /// The line end right after a statement goes.
    pub trim_blocks: bool,
    /// The blanks before a statement that begins its line go.
    pub lstrip_blocks: bool,
    /// What ends a line of the result: `\n`, `\r\n` or `\r`.
    pub newline: String,
    /// What `ansible_managed` is in it.
    pub managed: String,
    /// Where the text goes, as `template_destpath` in it.
    pub destination: Option<String>,
}

/// Ansible's.
impl Default for FileOptions {
    fn default() -> Self {
        Self {
            block_start: "{%".to_owned(),
            block_end: "%}".to_owned(),
            variable_start: "{{".to_owned(),
            variable_end: "}}".to_owned(),
            comment_start: "{#".to_owned(),
            comment_end: "#}".to_owned(),
            trim_blocks: true,
            lstrip_blocks: false,
            newline: "\n".to_owned(),
            managed: "Ansible managed".to_owned(),
            destination: None,
        }
    }
}

impl FileOptions {
    /// The header of a file that sets options in its first line.
    const HEADER: &str = "#jinja2:";

    pub(super) fn syntax(&self) -> Result<SyntaxConfig, Fault> {
        let mut builder = SyntaxConfig::builder();
        builder
            .block_delimiters(self.block_start.clone(), self.block_end.clone())
            .variable_delimiters(self.variable_start.clone(), self.variable_end.clone())
            .comment_delimiters(self.comment_start.clone(), self.comment_end.clone())
            .trim_blocks(self.trim_blocks)
            .lstrip_blocks(self.lstrip_blocks)
            .keep_trailing_newline(true);
        builder.build().map_err(|error| {
            let why = error.detail().unwrap_or("they are empty or alike");
            Fault::new(
                ErrorKind::Syntax,
                format!("these marks of a template do not work: {why}"),
            )
        })
    }

    /// The same with what the first line of a file says, and how long that line is.
    pub(super) fn with_header(&self, text: &str) -> Result<(Self, usize), Fault> {
        let Some(rest) = text.strip_prefix(Self::HEADER) else {
            return Ok((self.clone(), 0));
        };
        let line = rest.split('\n').next().unwrap_or(rest);
        let mut options = self.clone();
        for pair in line.trim_end_matches('\r').split(',') {
            let (name, value) = pair.split_once(':').ok_or_else(|| header_fault(pair))?;
            options.set(name.trim(), value.trim())?;
        }
        let length = Self::HEADER.len() + line.len();
        Ok((options, text.len().min(length + 1)))
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), Fault> {
        let truth = match value.to_lowercase().as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        };
        let text = || {
            let quote = value.chars().next().filter(|quote| "'\"".contains(*quote));
            let inner = quote.and_then(|quote| value[1..].strip_suffix(quote));
            let inner = inner.ok_or_else(|| header_fault(value))?;
            Ok::<_, Fault>(inner.replace("\\n", "\n").replace("\\r", "\r"))
        };
        let flag = || truth.ok_or_else(|| header_fault(value));
        match name {
            "block_start_string" => self.block_start = text()?,
            "block_end_string" => self.block_end = text()?,
            "variable_start_string" => self.variable_start = text()?,
            "variable_end_string" => self.variable_end = text()?,
            "comment_start_string" => self.comment_start = text()?,
            "comment_end_string" => self.comment_end = text()?,
            "newline_sequence" => self.newline = text()?,
            "trim_blocks" => self.trim_blocks = flag()?,
            "lstrip_blocks" => self.lstrip_blocks = flag()?,
            // The ends of lines at the end are always kept.
            "keep_trailing_newline" => drop(flag()?),
            _ => return Err(header_fault(name)),
        }
        Ok(())
    }
}

fn header_fault(what: &str) -> Fault {
    let message = format!(
        "the `{}` line does not understand `{}`",
        FileOptions::HEADER,
        what.trim()
    );
    let help = "it is a list like `#jinja2: trim_blocks: False, variable_start_string: '[%'`".to_owned();
    Fault::new(ErrorKind::Syntax, message).help(Some(help))
}

impl Templar {
    /// The text of the template file at a path; see [`Self::render_source`].
    pub fn render_file(
        &self,
        path: &Path,
        scope: &Scope,
        options: &FileOptions,
    ) -> Result<Value, TemplateError> {
        let name = path.display().to_string();
        match files::read(&*self.inner.files, path) {
            Ok(source) => {
                let made = self.render_source(&source, scope, options)?;
                Ok(match made {
                    // What a file holds that is encrypted as a whole stays a secret.
                    Value::String(text) if source.is_sealed() && !text.is_empty() => {
                        Value::Secret(self.inner.secrets.learn(text, Origin::File(name)))
                    }
                    made => made,
                })
            }
            Err(fault) => Err(Fault::unreadable(*fault).at(Source::new(name, "").place(0..0))),
        }
    }

    /// The text of a file that is a template: always text, whatever it prints, and
    /// with as many line ends at its end as the file has. Text that is made of
    /// secrets is secret; what needs a value that is known later is known later.
    pub fn render_source(
        &self,
        source: &Arc<Source>,
        scope: &Scope,
        options: &FileOptions,
    ) -> Result<Value, TemplateError> {
        let value = self.evaluate(scope, |eval| {
            let value = render_in(eval, source, options)?;
            let place = source.place(0..source.text().len()).first_line();
            eval.known(&value, &Node::text("", place))
        })?;
        Ok(value.unwrap_or_default())
    }
}

/// The text of a template file as a part of an evaluation.
pub(super) fn render_in(
    eval: &Arc<Eval>,
    source: &Arc<Source>,
    options: &FileOptions,
) -> Result<minijinja::Value, TemplateError> {
    let source = with_unix_ends(source);
    let written = source.text();
    let first = source.place(0..written.len()).first_line();
    let (options, header) = options
        .with_header(written)
        .map_err(|fault| fault.at(first.clone()))?;
    let syntax = options.syntax().map_err(|fault| fault.at(first))?;
    let range = header..source.text().len();
    let text = &source.text()[range.clone()];
    let node = Node::text(text, source.place(range));
    let eval = eval.with_layer(about(eval, &source, &options));
    let program = compile::text(text, &syntax).map_err(|fault| fault.at(&node))?;
    let value = eval.run(&node, &program)?;
    Ok(with_ends_of(&eval, value, text, &options.newline))
}

/// The same source with one kind of line ends; lines stay where they are.
pub(super) fn with_unix_ends(source: &Arc<Source>) -> Arc<Source> {
    match source.text().contains('\r') {
        true => source.with_text(source.text().replace("\r\n", "\n").replace('\r', "\n")),
        false => Arc::clone(source),
    }
}

/// What a template file knows of itself.
fn about(eval: &Eval, source: &Source, options: &FileOptions) -> Layer {
    let path = source.path();
    let around = &eval.shared.inner.surroundings;
    let told = |moment: Timestamp| {
        let civil = moment.to_zoned(TimeZone::system()).datetime();
        Moment::new(civil, None).text(' ')
    };
    let file = around.about(Path::new(path));
    let known = [
        ("template_host", around.host_name()),
        ("template_run_date", around.now().map(told)),
        ("template_mtime", file.as_ref().map(|file| told(file.written))),
        ("template_uid", file.map(|file| file.owner)),
        ("template_destpath", options.destination.clone()),
        // What the playbook calls so wins.
        (
            "ansible_managed",
            (!eval.knows("ansible_managed")).then(|| options.managed.clone()),
        ),
    ];
    let layer = Layer::new(Rank::Task, "the template file")
        .with("template_path", path)
        .with("template_fullpath", path);
    known.into_iter().fold(layer, |layer, (name, value)| match value {
        Some(value) => layer.with(name, value),
        None => layer,
    })
}

/// What a template made, with the line ends at its end that were lost on the way given back.
pub(super) fn with_ends_of(
    eval: &Eval,
    value: minijinja::Value,
    template: &str,
    newline: &str,
) -> minijinja::Value {
    let ended = |made: &str| ends_like(made.to_owned(), template).replace('\n', newline);
    match leaf(&value) {
        Some(Leaf::Secret { secret, .. }) => {
            let origin = secret.origin().clone();
            eval.secret(eval.shared.inner.secrets.learn(ended(secret.expose()), origin))
        }
        _ => match value.as_str() {
            Some(made) => minijinja::Value::from(ended(made)),
            None => value,
        },
    }
}

/// Line ends at the end that a statement took away are given back.
fn ends_like(mut made: String, template: &str) -> String {
    let ends = |text: &str| text.len() - text.trim_end_matches('\n').len();
    let lacking = ends(template).saturating_sub(ends(&made));
    made.extend(std::iter::repeat_n('\n', lacking));
    made
}
