//! Template files, as the modules that write them ask for their text.

/// How a template file is marked up and rendered; what is `None` is as Ansible has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rendering {
    /// What begins and ends a statement.
    pub block: (Option<String>, Option<String>),
    /// What begins and ends an expression.
    pub variable: (Option<String>, Option<String>),
    /// What begins and ends a comment.
    pub comment: (Option<String>, Option<String>),
    /// The line end right after a statement goes.
    pub trim_blocks: Option<bool>,
    /// The blanks before a statement that begins its line go.
    pub lstrip_blocks: Option<bool>,
    /// What ends a line of the result.
    pub newline: Option<String>,
    /// Where the text goes, for the template to tell.
    pub destination: Option<String>,
}
