//! Which variables a template uses, found out without rendering it.

use std::collections::BTreeSet;

use minijinja::machinery::ast::{self, CallArg, Expr, Stmt};

use super::backslash;
use super::compile::{CompileFault, bytes, parsed, parsed_expression};
use super::engine::{self, STRING_SYNTAX};
use super::error::TemplateError;
use super::rewrite::plain_name;
use crate::source::Place;
use crate::yaml::{Kind, Node, has_template, inside};

/// One use of a variable.
#[derive(Clone, Debug, PartialEq)]
pub struct Use {
    /// The variable.
    pub name: String,
    /// Where it is used.
    pub place: Place,
    /// Whether it may be undefined there: it is tested with `is defined`, or has
    /// a `default`.
    pub guarded: bool,
}

/// What the templates in a node use.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Names {
    /// Variables, each once for every text. Names that a template sets itself are not among them,
    /// nor are functions.
    pub variables: Vec<Use>,
    /// Filters that only the site may have, and where they are called.
    pub filters: Vec<(String, Place)>,
}

/// The names that the templates in a node use; with `bare` its texts are expressions, as those of
/// conditions are. A text that is no template is a fault.
pub fn names(node: &Node, bare: bool) -> Result<Names, TemplateError> {
    let mut names = Names::default();
    collect(node, bare, &mut names)?;
    Ok(names)
}

fn collect(node: &Node, bare: bool, names: &mut Names) -> Result<(), TemplateError> {
    match &node.kind {
        Kind::Text(text) => in_text(node, text, bare, names),
        Kind::Seq(items) => items.iter().try_for_each(|item| collect(item, bare, names)),
        Kind::Map(map) => map.iter().try_for_each(|entry| {
            if has_template(&entry.key) {
                let key = Node::text(entry.key.as_str(), entry.key.place.clone());
                collect(&key, false, names)?;
            }
            collect(&entry.value, bare, names)
        }),
        _ => Ok(()),
    }
}

fn in_text(node: &Node, text: &str, bare: bool, names: &mut Names) -> Result<(), TemplateError> {
    let mut walk = Walk::default();
    let at = |fault: CompileFault| fault.at(node);
    let marked = has_template(text).then(|| backslash::marked(text)).flatten();
    let text = marked.as_deref().unwrap_or(text);
    if has_template(text) {
        super::compile::template(text, &STRING_SYNTAX).map_err(at)?;
        walk.stmt(&parsed(text, &STRING_SYNTAX).map_err(at)?);
    } else if bare && !text.trim().is_empty() {
        super::compile::expression(text).map_err(at)?;
        walk.expr(&parsed_expression(text).map_err(at)?);
    }
    let Walk {
        found,
        filters,
        local,
    } = walk;
    // The first use says it all; a place costs a walk through the text.
    let mut seen = BTreeSet::new();
    let free = found
        .into_iter()
        .filter(|use_| !local.contains(&use_.name) && !engine::is_global(&use_.name))
        .filter(|use_| seen.insert((use_.name.clone(), use_.guarded)));
    names.variables.extend(free.map(|use_| Use {
        place: inside(node, use_.range),
        name: use_.name,
        guarded: use_.guarded,
    }));
    let filters = filters.into_iter();
    names
        .filters
        .extend(filters.map(|(name, range)| (name, inside(node, range))));
    Ok(())
}

/// The variable that is all there is in a template (`{{ name }}`).
pub(super) fn only_variable(text: &str) -> Option<String> {
    let Ok(Stmt::Template(tree)) = parsed(text, &STRING_SYNTAX) else {
        return None;
    };
    match tree.children.as_slice() {
        [Stmt::EmitExpr(only)] => match &only.expr {
            Expr::Var(name) => Some(name.id.to_owned()),
            _ => None,
        },
        _ => None,
    }
}

struct Found {
    name: String,
    range: std::ops::Range<usize>,
    guarded: bool,
}

/// Goes through a tree. A name that is set anywhere in it counts as its own
/// everywhere in it.
#[derive(Default)]
struct Walk {
    found: Vec<Found>,
    /// Filters that the engine does not have.
    filters: Vec<(String, std::ops::Range<usize>)>,
    local: BTreeSet<String>,
}

impl Walk {
    fn body(&mut self, body: &[Stmt<'_>]) {
        body.iter().for_each(|stmt| self.stmt(stmt));
    }

    fn stmt(&mut self, stmt: &Stmt<'_>) {
        match stmt {
            Stmt::Template(it) => self.body(&it.children),
            Stmt::EmitExpr(it) => self.expr(&it.expr),
            Stmt::EmitRaw(_) | Stmt::Continue(_) | Stmt::Break(_) => {}
            Stmt::ForLoop(it) => {
                self.target(&it.target);
                self.local.insert("loop".to_owned());
                self.expr(&it.iter);
                it.filter_expr.iter().for_each(|expr| self.expr(expr));
                self.body(&it.body);
                self.body(&it.else_body);
            }
            Stmt::IfCond(it) => {
                self.expr(&it.expr);
                self.body(&it.true_body);
                self.body(&it.false_body);
            }
            Stmt::WithBlock(it) => {
                for (name, expr) in &it.assignments {
                    self.target(name);
                    self.expr(expr);
                }
                self.body(&it.body);
            }
            Stmt::Set(it) => {
                self.target(&it.target);
                self.expr(&it.expr);
            }
            Stmt::SetBlock(it) => {
                self.target(&it.target);
                it.filter.iter().for_each(|expr| self.expr(expr));
                self.body(&it.body);
            }
            Stmt::AutoEscape(it) => self.body(&it.body),
            Stmt::FilterBlock(it) => {
                self.expr(&it.filter);
                self.body(&it.body);
            }
            Stmt::Block(it) => self.body(&it.body),
            Stmt::Import(it) => self.target(&it.name),
            Stmt::FromImport(it) => {
                for (name, to) in &it.names {
                    self.target(to.as_ref().unwrap_or(name));
                }
            }
            Stmt::Extends(it) => self.expr(&it.name),
            Stmt::Include(it) => self.expr(&it.name),
            Stmt::Macro(it) => self.macro_of(it),
            Stmt::CallBlock(it) => {
                self.call(&it.call);
                self.macro_of(&it.macro_decl);
            }
            Stmt::Do(it) => self.call(&it.call),
        }
    }

    fn macro_of(&mut self, it: &ast::Macro<'_>) {
        self.local.insert(it.name.to_owned());
        self.local
            .extend(["caller", "varargs", "kwargs"].map(str::to_owned));
        it.args.iter().for_each(|arg| self.target(arg));
        it.defaults.iter().for_each(|expr| self.expr(expr));
        self.body(&it.body);
    }

    fn target(&mut self, expr: &Expr<'_>) {
        match expr {
            Expr::Var(name) => {
                self.local.insert(name.id.to_owned());
            }
            Expr::List(it) => it.items.iter().for_each(|item| self.target(item)),
            Expr::Tuple(it) => it.items.iter().for_each(|item| self.target(item)),
            _ => {}
        }
    }

    fn expr(&mut self, expr: &Expr<'_>) {
        match expr {
            Expr::Var(it) => self.variable(it, false),
            Expr::Const(_) => {}
            Expr::Slice(it) => {
                self.expr(&it.expr);
                [&it.start, &it.stop, &it.step]
                    .into_iter()
                    .flatten()
                    .for_each(|expr| self.expr(expr));
            }
            Expr::UnaryOp(it) => self.expr(&it.expr),
            Expr::BinOp(it) => {
                self.expr(&it.left);
                self.expr(&it.right);
            }
            Expr::Compare(it) => {
                self.expr(&it.expr);
                it.ops.iter().for_each(|op| self.expr(&op.expr));
            }
            Expr::IfExpr(it) => {
                self.expr(&it.test_expr);
                self.expr(&it.true_expr);
                it.false_expr.iter().for_each(|expr| self.expr(expr));
            }
            Expr::Filter(it) => {
                let name = plain_name(it.name);
                if !engine::is_filter(name) {
                    self.filters.push((name.to_owned(), bytes(it.span())));
                }
                let guards = engine::is_raw_filter(name);
                it.expr.iter().for_each(|expr| self.operand(expr, guards));
                self.args(&it.args);
            }
            Expr::Test(it) => {
                let guards = matches!(plain_name(it.name), "defined" | "undefined");
                self.operand(&it.expr, guards);
                self.args(&it.args);
            }
            Expr::GetAttr(it) => self.expr(&it.expr),
            Expr::GetItem(it) => {
                self.expr(&it.expr);
                self.expr(&it.subscript_expr);
            }
            Expr::Call(it) => self.call(it),
            Expr::List(it) => it.items.iter().for_each(|item| self.expr(item)),
            Expr::Tuple(it) => it.items.iter().for_each(|item| self.expr(item)),
            Expr::Map(it) => it.keys.iter().chain(&it.values).for_each(|expr| self.expr(expr)),
        }
    }

    fn variable(&mut self, it: &ast::Spanned<ast::Var<'_>>, guarded: bool) {
        self.found.push(Found {
            name: it.id.to_owned(),
            range: bytes(it.span()),
            guarded,
        });
    }

    /// An operand of a filter or test. One that takes what is undefined guards
    /// the variable at the root of a chain of members.
    fn operand(&mut self, expr: &Expr<'_>, guards: bool) {
        match expr {
            Expr::Var(it) if guards => self.variable(it, true),
            Expr::GetAttr(it) if guards => self.operand(&it.expr, true),
            Expr::GetItem(it) if guards => {
                self.operand(&it.expr, true);
                self.expr(&it.subscript_expr);
            }
            other => self.expr(other),
        }
    }

    fn call(&mut self, it: &ast::Call<'_>) {
        self.expr(&it.expr);
        self.args(&it.args);
    }

    fn args(&mut self, args: &[CallArg<'_>]) {
        for arg in args {
            match arg {
                CallArg::Pos(expr)
                | CallArg::Kwarg(_, expr)
                | CallArg::PosSplat(expr)
                | CallArg::KwargSplat(expr) => {
                    self.expr(expr);
                }
            }
        }
    }
}
