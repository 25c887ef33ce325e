//! A rewritten tree as text again, for the engine to load: only so can a file
//! that a template includes, imports or extends be rewritten too.
//!
//! Every line is where it was, so that a fault in the text shows the line of the
//! file. The marks around statements and expressions are characters that no file has.

mod expressions;

use minijinja::machinery::ast::{self, Expr, Stmt};
use minijinja::syntax::SyntaxConfig;

use super::compile::start_line;

const STATEMENT: (&str, &str) = ("\u{f0001}", "\u{f0002}");
const EXPRESSION: (&str, &str) = ("\u{f0003}", "\u{f0004}");
const COMMENT: (&str, &str) = ("\u{f0005}", "\u{f0006}");

/// The marks of written trees.
pub(super) fn syntax() -> SyntaxConfig {
    let mut builder = SyntaxConfig::builder();
    builder
        .block_delimiters(STATEMENT.0, STATEMENT.1)
        .variable_delimiters(EXPRESSION.0, EXPRESSION.1)
        .comment_delimiters(COMMENT.0, COMMENT.1)
        .keep_trailing_newline(true);
    builder.build().unwrap_or_default()
}

/// The name of a filter as text can have it: ours have signs in them.
pub(super) fn spelt(name: &str) -> String {
    match name.starts_with('(') {
        true => name
            .bytes()
            .fold("our".to_owned(), |spelt, byte| format!("{spelt}_{byte:x}")),
        false => name.to_owned(),
    }
}

/// The tree as text.
pub(super) fn written(tree: &Stmt<'_>) -> String {
    let mut writer = Writer::default();
    writer.stmt(tree);
    writer.out
}

#[derive(Default)]
struct Writer {
    out: String,
    /// How many line ends are in `out`.
    lines: usize,
}

impl Writer {
    fn text(&mut self, text: &str) {
        self.lines += text.matches('\n').count();
        self.out.push_str(text);
    }

    /// Goes down to the line (from 1) on which something stood.
    fn down_to(&mut self, line: usize) {
        while self.lines + 1 < line {
            self.text("\n");
        }
    }

    fn tag(&mut self, line: usize, write: impl FnOnce(&mut Self)) {
        self.text(STATEMENT.0);
        self.down_to(line);
        write(self);
        self.text(STATEMENT.1);
    }

    fn word(&mut self, word: &str) {
        self.text(STATEMENT.0);
        self.text(word);
        self.text(STATEMENT.1);
    }

    fn body(&mut self, body: &[Stmt<'_>]) {
        body.iter().for_each(|stmt| self.stmt(stmt));
    }

    fn stmt(&mut self, stmt: &Stmt<'_>) {
        match stmt {
            Stmt::Template(it) => self.body(&it.children),
            Stmt::EmitRaw(it) => self.text(it.raw),
            Stmt::EmitExpr(it) => {
                self.text(EXPRESSION.0);
                self.down_to(start_line(it.span()));
                self.text(" ");
                self.expr(&it.expr);
                self.text(EXPRESSION.1);
            }
            Stmt::ForLoop(it) => {
                self.tag(start_line(it.span()), |this| {
                    this.text("for ");
                    this.target(&it.target);
                    this.text(" in ");
                    this.expr(&it.iter);
                    if let Some(filter) = &it.filter_expr {
                        this.text(" if ");
                        this.expr(filter);
                    }
                    this.text(if it.recursive { " recursive" } else { "" });
                });
                self.body(&it.body);
                if !it.else_body.is_empty() {
                    self.word("else");
                    self.body(&it.else_body);
                }
                self.word("endfor");
            }
            Stmt::IfCond(it) => {
                self.tag(start_line(it.span()), |this| {
                    this.text("if ");
                    this.expr(&it.expr);
                });
                self.body(&it.true_body);
                if !it.false_body.is_empty() {
                    self.word("else");
                    self.body(&it.false_body);
                }
                self.word("endif");
            }
            Stmt::Set(it) => self.tag(start_line(it.span()), |this| {
                this.text("set ");
                this.target(&it.target);
                this.text(" = ");
                this.expr(&it.expr);
            }),
            other => self.block(other),
        }
    }

    /// Statements around a body.
    fn block(&mut self, stmt: &Stmt<'_>) {
        match stmt {
            Stmt::SetBlock(it) => {
                self.tag(start_line(it.span()), |this| {
                    this.text("set ");
                    this.target(&it.target);
                    if let Some(filter) = &it.filter {
                        this.text(" | ");
                        this.filters(filter);
                    }
                });
                self.body(&it.body);
                self.word("endset");
            }
            Stmt::WithBlock(it) => {
                self.tag(start_line(it.span()), |this| {
                    this.text("with ");
                    for (count, (target, value)) in it.assignments.iter().enumerate() {
                        this.text(if count > 0 { ", " } else { "" });
                        this.target(target);
                        this.text(" = ");
                        this.expr(value);
                    }
                });
                self.body(&it.body);
                self.word("endwith");
            }
            Stmt::AutoEscape(it) => {
                self.tag(start_line(it.span()), |this| {
                    this.text("autoescape ");
                    this.expr(&it.enabled);
                });
                self.body(&it.body);
                self.word("endautoescape");
            }
            Stmt::FilterBlock(it) => {
                self.tag(start_line(it.span()), |this| {
                    this.text("filter ");
                    this.filters(&it.filter);
                });
                self.body(&it.body);
                self.word("endfilter");
            }
            Stmt::Block(it) => {
                let required = if it.required { " required" } else { "" };
                self.tag(start_line(it.span()), |this| {
                    this.text(&format!("block {}{required}", it.name));
                });
                self.body(&it.body);
                self.word("endblock");
            }
            Stmt::Macro(it) => {
                self.tag(start_line(it.span()), |this| {
                    this.text(&format!("macro {}", it.name));
                    this.parameters(it);
                });
                self.body(&it.body);
                self.word("endmacro");
            }
            Stmt::CallBlock(it) => {
                self.tag(start_line(it.span()), |this| {
                    this.text("call");
                    this.parameters(&it.macro_decl);
                    this.text(" ");
                    this.call(&it.call);
                });
                self.body(&it.macro_decl.body);
                self.word("endcall");
            }
            other => self.single(other),
        }
    }

    /// Statements without a body.
    fn single(&mut self, stmt: &Stmt<'_>) {
        match stmt {
            Stmt::Import(it) => self.tag(start_line(it.span()), |this| {
                this.text("import ");
                this.expr(&it.expr);
                this.text(" as ");
                this.target(&it.name);
            }),
            Stmt::FromImport(it) => self.tag(start_line(it.span()), |this| {
                this.text("from ");
                this.expr(&it.expr);
                this.text(" import ");
                for (count, (name, to)) in it.names.iter().enumerate() {
                    this.text(if count > 0 { ", " } else { "" });
                    this.target(name);
                    if let Some(to) = to {
                        this.text(" as ");
                        this.target(to);
                    }
                }
            }),
            Stmt::Extends(it) => self.tag(start_line(it.span()), |this| {
                this.text("extends ");
                this.expr(&it.name);
            }),
            Stmt::Include(it) => self.tag(start_line(it.span()), |this| {
                this.text("include ");
                this.expr(&it.name);
                this.text(if it.ignore_missing { " ignore missing" } else { "" });
            }),
            Stmt::Do(it) => self.tag(start_line(it.span()), |this| {
                this.text("do ");
                this.call(&it.call);
            }),
            Stmt::Continue(_) => self.word("continue"),
            Stmt::Break(_) => self.word("break"),
            _ => {}
        }
    }

    fn parameters(&mut self, it: &ast::Macro<'_>) {
        self.text("(");
        let without_default = it.args.len() - it.defaults.len();
        for (count, name) in it.args.iter().enumerate() {
            self.text(if count > 0 { ", " } else { "" });
            self.target(name);
            let default = count
                .checked_sub(without_default)
                .and_then(|at| it.defaults.get(at));
            if let Some(default) = default {
                self.text(" = ");
                self.expr(default);
            }
        }
        self.text(")");
    }

    /// What is assigned to.
    fn target(&mut self, expr: &Expr<'_>) {
        match expr {
            Expr::Var(it) => self.text(it.id),
            Expr::GetAttr(it) => {
                self.target(&it.expr);
                self.text(&format!(".{}", it.name));
            }
            Expr::List(it) => self.targets(&it.items),
            Expr::Tuple(it) => self.targets(&it.items),
            _ => {}
        }
    }

    fn targets(&mut self, items: &[Expr<'_>]) {
        self.text("(");
        for item in items {
            self.target(item);
            self.text(", ");
        }
        self.text(")");
    }
}
