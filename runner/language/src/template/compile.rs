//! From text to a program of the engine.
//!
//! The engine's own parser and code generator are used, and between the two the
//! syntax tree is rewritten (see `rewrite`). That part of the engine is not
//! stable from release to release, so its version is pinned and nothing outside
//! of these two files names it.

use std::collections::BTreeMap;
use std::ops::Range;

use minijinja::machinery::{
    CodeGenerator, Instructions, Span, Token, ast, eval, make_string_output, parse, parse_expr, tokenize,
};
use minijinja::syntax::SyntaxConfig;
use minijinja::{AutoEscape, Environment, Error, Value};

use super::error::{ErrorKind, Fault, TemplateError, engine_fault};
use super::rewrite::Rewriter;
use super::written::written;
use crate::yaml::{Node, inside};

/// A text that is compiled is at most so long.
const MOST_TEXT: usize = 1024 * 1024;

/// One expression has at most so many words and signs.
const MOST_TOKENS: usize = 4000;

/// A compiled template or expression.
pub(super) struct Program<'a> {
    instructions: Instructions<'a>,
    blocks: BTreeMap<&'a str, Instructions<'a>>,
    makes: Makes,
    range: Range<usize>,
    /// How the files it includes are marked up, if it includes any.
    refers: Option<SyntaxConfig>,
}

/// What kind of thing a program makes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Makes {
    /// The value of an expression.
    Value,
    /// The single value it prints, or else its text.
    ValueOrText,
    /// Its text.
    Text,
}

/// What a program made.
pub(super) enum Outcome {
    /// The value of an expression.
    Value(Value),
    /// The text of a template.
    Text(String),
}

/// A fault in the text itself.
pub(super) struct CompileFault {
    pub(super) fault: Fault,
    /// Where in the text.
    pub(super) range: Range<usize>,
}

impl CompileFault {
    pub(super) fn at(self, node: &Node) -> TemplateError {
        self.fault.at(inside(node, self.range))
    }
}

/// A template of a text in YAML (see `backslash`); one that is a single `{{ expression }}` becomes that expression.
pub(super) fn template<'a>(text: &'a str, syntax: &SyntaxConfig) -> Result<Program<'a>, CompileFault> {
    let tree = parsed(text, syntax)?;
    if let Some(emit) = only_expression(&tree) {
        return compile_expression(text, &emit.expr);
    }
    compile_template(text, &tree, Makes::ValueOrText, syntax)
}

/// A part of a template.
pub(super) enum Part<'a> {
    /// Text that is printed as it stands.
    Plain(&'a str),
    /// What stands between `{{` and `}}`.
    Printed(Program<'a>),
}

/// The parts of a template one by one; `None` where it has statements.
pub(super) fn parts<'a>(text: &'a str, syntax: &SyntaxConfig) -> Result<Option<Vec<Part<'a>>>, CompileFault> {
    let ast::Stmt::Template(template) = parsed(text, syntax)? else {
        return Ok(None);
    };
    let part = |child: &ast::Stmt<'a>| match child {
        ast::Stmt::EmitRaw(raw) => Some(Ok(Part::Plain(raw.raw))),
        ast::Stmt::EmitExpr(printed) => Some(compile_expression(text, &printed.expr).map(Part::Printed)),
        _ => None,
    };
    template
        .children
        .iter()
        .map(part)
        .collect::<Option<_>>()
        .transpose()
}

/// A template that makes text, whatever it prints.
pub(super) fn text<'a>(text: &'a str, syntax: &SyntaxConfig) -> Result<Program<'a>, CompileFault> {
    compile_template(text, &parsed(text, syntax)?, Makes::Text, syntax)
}

/// A template as the engine can load it.
pub(super) fn rewritten(text: &str, syntax: &SyntaxConfig) -> Result<String, CompileFault> {
    let mut rewriter = Rewriter::default();
    let tree = rewriter.template(&parsed(text, syntax)?);
    rewriter.finish()?;
    Ok(written(&tree))
}

fn compile_template<'a>(
    text: &'a str,
    tree: &ast::Stmt<'a>,
    makes: Makes,
    syntax: &SyntaxConfig,
) -> Result<Program<'a>, CompileFault> {
    let mut rewriter = Rewriter::default();
    let tree = rewriter.template(tree);
    let refers = rewriter.refers().then(|| syntax.clone());
    rewriter.finish()?;
    let mut generator = CodeGenerator::new("", text);
    generator.compile_stmt(&tree);
    let (instructions, blocks) = generator.finish();
    Ok(Program {
        instructions,
        blocks,
        makes,
        range: 0..text.len(),
        refers,
    })
}

/// An expression without braces.
pub(super) fn expression(text: &str) -> Result<Program<'_>, CompileFault> {
    compile_expression(text, &parsed_expression(text)?)
}

/// The tree of a template.
pub(super) fn parsed<'a>(text: &'a str, syntax: &SyntaxConfig) -> Result<ast::Stmt<'a>, CompileFault> {
    limited(text, false, syntax)?;
    parse(text, "", syntax.clone()).map_err(|error| syntax_fault(&error, text))
}

/// The tree of an expression.
pub(super) fn parsed_expression(text: &str) -> Result<ast::Expr<'_>, CompileFault> {
    limited(text, true, &SyntaxConfig::default())?;
    parse_expr(text).map_err(|error| syntax_fault(&error, text))
}

/// Refuses what the engine's parser, which nests as deep as its text, could not stand.
fn limited(text: &str, bare: bool, syntax: &SyntaxConfig) -> Result<(), CompileFault> {
    let fault = |message: &str| CompileFault {
        fault: Fault::new(ErrorKind::Limit, message),
        range: 0..0,
    };
    if text.len() > MOST_TEXT {
        return Err(fault("this template is longer than 1 MB"));
    }
    if text.len() <= MOST_TOKENS {
        return Ok(());
    }
    let mut tokens = 0;
    for token in tokenize(text, bare, syntax.clone()) {
        // What is no token is the parser's to complain about.
        let Ok((token, _)) = token else { break };
        tokens = match token {
            Token::TemplateData(_) | Token::VariableStart | Token::BlockStart => 0,
            _ => tokens + 1,
        };
        if tokens > MOST_TOKENS {
            return Err(fault("an expression in this template is too long"));
        }
    }
    Ok(())
}

fn syntax_fault(error: &Error, text: &str) -> CompileFault {
    let end = text.trim_end().len();
    let range = error.range().unwrap_or(end..end);
    CompileFault {
        fault: Fault::new(ErrorKind::Syntax, engine_fault(error).message),
        range,
    }
}

/// The expression that is all there is in a template.
fn only_expression<'t, 'a>(tree: &'t ast::Stmt<'a>) -> Option<&'t ast::EmitExpr<'a>> {
    let ast::Stmt::Template(template) = tree else {
        return None;
    };
    match template.children.as_slice() {
        [ast::Stmt::EmitExpr(only)] => Some(only),
        _ => None,
    }
}

fn compile_expression<'a>(text: &'a str, expr: &ast::Expr<'a>) -> Result<Program<'a>, CompileFault> {
    let mut rewriter = Rewriter::default();
    let range = bytes(expr.span());
    let expr = rewriter.expression(expr);
    rewriter.finish()?;
    let mut generator = CodeGenerator::new("", text);
    generator.compile_expr(&expr);
    let (instructions, blocks) = generator.finish();
    Ok(Program {
        instructions,
        blocks,
        makes: Makes::Value,
        range,
        refers: None,
    })
}

/// The line (from 1) on which a span begins.
pub(super) fn start_line(span: Span) -> usize {
    span.start_line as usize
}

/// The bytes of the text that a span covers.
pub(super) fn bytes(span: Span) -> Range<usize> {
    span.start_offset as usize..span.end_offset as usize
}

impl Program<'_> {
    /// Whether a single printed value is what it makes.
    pub(super) fn keeps_type(&self) -> bool {
        self.makes == Makes::ValueOrText
    }

    /// What of the text it is made of.
    pub(super) fn range(&self) -> Range<usize> {
        self.range.clone()
    }

    /// How the files it includes, imports or extends are marked up, if there are any.
    pub(super) fn refers(&self) -> Option<&SyntaxConfig> {
        self.refers.as_ref()
    }

    /// Runs it with the names that `root` knows.
    pub(super) fn run(&self, root: Value, engine: &Environment<'_>) -> Result<Outcome, Error> {
        let mut text = String::new();
        let mut output = make_string_output(&mut text);
        let ran = eval(
            engine,
            &self.instructions,
            root,
            &self.blocks,
            &mut output,
            AutoEscape::None,
        );
        let value = ran?.0;
        Ok(match self.makes {
            Makes::Value => Outcome::Value(value.unwrap_or(Value::UNDEFINED)),
            Makes::ValueOrText | Makes::Text => Outcome::Text(text),
        })
    }
}
