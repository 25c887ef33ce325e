//! The syntax tree with our meaning of "undefined", "secret" and "known later"
//! put into it.
//!
//! Every member access becomes our own filter [`MEMBER`], which goes through
//! undefined values instead of failing. Every operand that is really used is
//! wrapped in the filter [`USE`], which fails on undefined values, with the
//! place of exactly that operand, and notices secrets. The names of these
//! filters cannot be spelt in a template.

use minijinja::Value;
use minijinja::machinery::ast::{CallArg, Expr, Spanned, Stmt};
use minijinja::machinery::{Span, ast};

use super::compile::{CompileFault, bytes};
use super::engine;
use super::error::{ErrorKind, Fault};
use crate::diagnose::nearest;

/// A member by name or position.
pub(super) const MEMBER: &str = "(member)";
/// A value in use.
pub(super) const USE: &str = "(use)";
/// A value in use with everything in it.
pub(super) const USE_ALL: &str = "(use-all)";
/// What a loop goes through.
pub(super) const EACH: &str = "(each)";
/// A value that is printed at the top of a template.
pub(super) const PRINT: &str = "(print)";
/// The value of `x if y` where `y` is false.
pub(super) const NEITHER: &str = "(neither)";

/// More arguments than this in one call are refused.
const MOST_ARGUMENTS: usize = 1000;

/// Expressions are nested at most so deep.
const MOST_LEVELS: usize = 100;

/// Rewrites trees, and notes the first fault it sees.
#[derive(Default)]
pub(super) struct Rewriter {
    fault: Option<CompileFault>,
    /// Inside of something that captures what is printed.
    captured: usize,
    /// How deep the expression is nested here.
    depth: usize,
}

impl Rewriter {
    pub(super) fn finish(self) -> Result<(), CompileFault> {
        self.fault.map_or(Ok(()), Err)
    }

    /// A whole expression, whose value is not used yet.
    pub(super) fn expression<'a>(&mut self, expr: &Expr<'a>) -> Expr<'a> {
        self.expr(expr)
    }

    /// A whole template.
    pub(super) fn template<'a>(&mut self, tree: &Stmt<'a>) -> Stmt<'a> {
        self.stmt(tree)
    }

    fn body<'a>(&mut self, body: &[Stmt<'a>]) -> Vec<Stmt<'a>> {
        body.iter().map(|stmt| self.stmt(stmt)).collect()
    }

    fn captured<'a>(&mut self, body: &[Stmt<'a>]) -> Vec<Stmt<'a>> {
        self.captured += 1;
        let body = self.body(body);
        self.captured -= 1;
        body
    }

    fn stmt<'a>(&mut self, stmt: &Stmt<'a>) -> Stmt<'a> {
        match stmt {
            Stmt::Template(it) => Stmt::Template(same(
                it,
                ast::Template {
                    children: self.body(&it.children),
                },
            )),
            Stmt::EmitExpr(it) => {
                let expr = self.used(&it.expr);
                let expr = match self.captured {
                    0 => filter(PRINT, expr, Vec::new(), it.expr.span()),
                    _ => expr,
                };
                Stmt::EmitExpr(same(it, ast::EmitExpr { expr }))
            }
            Stmt::EmitRaw(it) => Stmt::EmitRaw(same(it, ast::EmitRaw { raw: it.raw })),
            Stmt::ForLoop(it) => {
                let iter = self.expr(&it.iter);
                let loops = ast::ForLoop {
                    target: target(&it.target),
                    iter: filter(EACH, iter, Vec::new(), it.iter.span()),
                    filter_expr: it.filter_expr.as_ref().map(|expr| self.used(expr)),
                    recursive: it.recursive,
                    body: self.body(&it.body),
                    else_body: self.body(&it.else_body),
                };
                Stmt::ForLoop(same(it, loops))
            }
            Stmt::IfCond(it) => {
                let branches = ast::IfCond {
                    expr: self.used(&it.expr),
                    true_body: self.body(&it.true_body),
                    false_body: self.body(&it.false_body),
                };
                Stmt::IfCond(same(it, branches))
            }
            Stmt::WithBlock(it) => {
                let assignments = it.assignments.iter();
                let block = ast::WithBlock {
                    assignments: assignments
                        .map(|(name, expr)| (target(name), self.expr(expr)))
                        .collect(),
                    body: self.body(&it.body),
                };
                Stmt::WithBlock(same(it, block))
            }
            Stmt::Set(it) => {
                let set = ast::Set {
                    target: target(&it.target),
                    expr: self.expr(&it.expr),
                };
                Stmt::Set(same(it, set))
            }
            other => self.capturing(other),
        }
    }

    /// Statements that capture what is printed in them, and the rare ones.
    fn capturing<'a>(&mut self, stmt: &Stmt<'a>) -> Stmt<'a> {
        match stmt {
            Stmt::SetBlock(it) => {
                let set = ast::SetBlock {
                    target: target(&it.target),
                    filter: it.filter.as_ref().map(|filter| self.expr(filter)),
                    body: self.captured(&it.body),
                };
                Stmt::SetBlock(same(it, set))
            }
            Stmt::FilterBlock(it) => {
                let block = ast::FilterBlock {
                    filter: self.expr(&it.filter),
                    body: self.captured(&it.body),
                };
                Stmt::FilterBlock(same(it, block))
            }
            Stmt::Macro(it) => Stmt::Macro(same(it, self.macro_of(it))),
            Stmt::CallBlock(it) => {
                let block = ast::CallBlock {
                    call: same(&it.call, self.call(&it.call)),
                    macro_decl: same(&it.macro_decl, self.macro_of(&it.macro_decl)),
                };
                Stmt::CallBlock(same(it, block))
            }
            Stmt::Do(it) => {
                let call = same(&it.call, self.call(&it.call));
                Stmt::Do(same(it, ast::Do { call }))
            }
            Stmt::AutoEscape(it) => {
                let block = ast::AutoEscape {
                    enabled: self.used(&it.enabled),
                    body: self.body(&it.body),
                };
                Stmt::AutoEscape(same(it, block))
            }
            Stmt::Block(it) => {
                let block = ast::Block {
                    name: it.name,
                    required: it.required,
                    body: self.captured(&it.body),
                };
                Stmt::Block(same(it, block))
            }
            Stmt::Import(it) => {
                let import = ast::Import {
                    expr: self.used(&it.expr),
                    name: target(&it.name),
                };
                Stmt::Import(same(it, import))
            }
            Stmt::FromImport(it) => {
                let names = it.names.iter();
                let import = ast::FromImport {
                    expr: self.used(&it.expr),
                    names: names
                        .map(|(name, to)| (target(name), to.as_ref().map(target)))
                        .collect(),
                };
                Stmt::FromImport(same(it, import))
            }
            Stmt::Extends(it) => {
                let name = self.used(&it.name);
                Stmt::Extends(same(it, ast::Extends { name }))
            }
            Stmt::Include(it) => {
                let include = ast::Include {
                    name: self.used(&it.name),
                    ignore_missing: it.ignore_missing,
                };
                Stmt::Include(same(it, include))
            }
            Stmt::Continue(it) => Stmt::Continue(same(it, ast::Continue)),
            Stmt::Break(it) => Stmt::Break(same(it, ast::Break)),
            handled => self.stmt(handled),
        }
    }

    fn macro_of<'a>(&mut self, it: &ast::Macro<'a>) -> ast::Macro<'a> {
        ast::Macro {
            name: it.name,
            args: it.args.iter().map(target).collect(),
            defaults: it.defaults.iter().map(|expr| self.expr(expr)).collect(),
            body: self.captured(&it.body),
        }
    }

    /// An operand that is used.
    fn used<'a>(&mut self, expr: &Expr<'a>) -> Expr<'a> {
        self.wrapped(USE, expr)
    }

    fn used_all<'a>(&mut self, expr: &Expr<'a>) -> Expr<'a> {
        self.wrapped(USE_ALL, expr)
    }

    /// Constants are left alone: they are plain, and the engine folds them.
    fn wrapped<'a>(&mut self, name: &'static str, expr: &Expr<'a>) -> Expr<'a> {
        let inner = self.expr(expr);
        match inner {
            Expr::Const(_) => inner,
            _ => filter(name, inner, Vec::new(), expr.span()),
        }
    }

    fn exprs<'a>(&mut self, exprs: &[Expr<'a>]) -> Vec<Expr<'a>> {
        exprs.iter().map(|expr| self.expr(expr)).collect()
    }

    fn expr<'a>(&mut self, expr: &Expr<'a>) -> Expr<'a> {
        if self.depth >= MOST_LEVELS {
            let message = format!("this expression is nested more than {MOST_LEVELS} deep");
            self.note(Fault::new(ErrorKind::Limit, message), expr.span());
            return constant(Value::from(()), expr.span());
        }
        self.depth += 1;
        let rewritten = self.node(expr);
        self.depth -= 1;
        rewritten
    }

    fn node<'a>(&mut self, expr: &Expr<'a>) -> Expr<'a> {
        match expr {
            Expr::Var(it) => Expr::Var(same(it, ast::Var { id: it.id })),
            Expr::Const(it) => constant(it.value.clone(), it.span()),
            Expr::GetAttr(it) => {
                let name = constant(Value::from(it.name), it.span());
                filter(MEMBER, self.expr(&it.expr), vec![CallArg::Pos(name)], it.span())
            }
            Expr::GetItem(it) => {
                let key = self.used(&it.subscript_expr);
                filter(MEMBER, self.expr(&it.expr), vec![CallArg::Pos(key)], it.span())
            }
            Expr::Call(it) => Expr::Call(same(it, self.call(it))),
            Expr::Filter(it) => self.filter(it),
            Expr::Test(it) => self.test(it),
            Expr::List(it) => {
                let items = self.exprs(&it.items);
                Expr::List(same(it, ast::List { items }))
            }
            Expr::Tuple(it) => {
                let items = self.exprs(&it.items);
                Expr::Tuple(same(it, ast::Tuple { items }))
            }
            Expr::Map(it) => {
                let map = ast::Map {
                    keys: it.keys.iter().map(|key| self.used(key)).collect(),
                    values: self.exprs(&it.values),
                };
                Expr::Map(same(it, map))
            }
            other => self.operator(other),
        }
    }

    fn operator<'a>(&mut self, expr: &Expr<'a>) -> Expr<'a> {
        match expr {
            Expr::Slice(it) => {
                let slice = ast::Slice {
                    expr: self.used(&it.expr),
                    start: it.start.as_ref().map(|expr| self.used(expr)),
                    stop: it.stop.as_ref().map(|expr| self.used(expr)),
                    step: it.step.as_ref().map(|expr| self.used(expr)),
                };
                Expr::Slice(same(it, slice))
            }
            Expr::UnaryOp(it) => {
                let op = if matches!(it.op, ast::UnaryOpKind::Not) {
                    ast::UnaryOpKind::Not
                } else {
                    ast::UnaryOpKind::Neg
                };
                let expr = self.used(&it.expr);
                Expr::UnaryOp(same(it, ast::UnaryOp { op, expr }))
            }
            Expr::BinOp(it) => {
                let (left, right) = match it.op {
                    // The right side is the result, which is not used here.
                    ast::BinOpKind::ScAnd | ast::BinOpKind::ScOr => {
                        (self.used(&it.left), self.expr(&it.right))
                    }
                    _ => (self.used_all(&it.left), self.used_all(&it.right)),
                };
                Expr::BinOp(same(
                    it,
                    ast::BinOp {
                        op: it.op,
                        left,
                        right,
                    },
                ))
            }
            Expr::Compare(it) => {
                let ops = it.ops.iter().map(|op| ast::CompareOp {
                    op: op.op,
                    expr: self.used_all(&op.expr),
                });
                let ops = ops.collect();
                let expr = self.used_all(&it.expr);
                Expr::Compare(same(it, ast::Compare { expr, ops }))
            }
            Expr::IfExpr(it) => {
                let neither = || {
                    let nothing = constant(Value::from(()), it.span());
                    filter(NEITHER, nothing, Vec::new(), it.span())
                };
                let choice = ast::IfExpr {
                    test_expr: self.used(&it.test_expr),
                    true_expr: self.expr(&it.true_expr),
                    false_expr: Some(
                        it.false_expr
                            .as_ref()
                            .map_or_else(neither, |expr| self.expr(expr)),
                    ),
                };
                Expr::IfExpr(same(it, choice))
            }
            handled => self.node(handled),
        }
    }

    fn filter<'a>(&mut self, it: &Spanned<ast::Filter<'a>>) -> Expr<'a> {
        let name = plain_name(it.name);
        if !engine::is_filter(name) {
            self.unknown("filter", name, engine::filters(), it.span());
        }
        let raw = engine::is_raw_filter(name);
        let rewritten = ast::Filter {
            name,
            expr: it
                .expr
                .as_ref()
                .map(|expr| if raw { self.expr(expr) } else { self.used(expr) }),
            args: self.args(&it.args, raw, it.span()),
        };
        Expr::Filter(same(it, rewritten))
    }

    fn test<'a>(&mut self, it: &Spanned<ast::Test<'a>>) -> Expr<'a> {
        let name = plain_name(it.name);
        if !engine::is_test(name) {
            self.unknown("test", name, engine::tests(), it.span());
        }
        let raw = matches!(name, "defined" | "undefined");
        let rewritten = ast::Test {
            name,
            expr: if raw {
                self.expr(&it.expr)
            } else {
                self.used(&it.expr)
            },
            args: self.args(&it.args, raw, it.span()),
        };
        Expr::Test(same(it, rewritten))
    }

    /// A call. A method's object is used; arguments of functions are not, for
    /// macros take undefined ones.
    fn call<'a>(&mut self, it: &Spanned<ast::Call<'a>>) -> ast::Call<'a> {
        let (expr, raw) = match &it.expr {
            Expr::GetAttr(method) => {
                let special = matches!(&method.expr, Expr::Var(var) if matches!(var.id, "self" | "loop"));
                let expr = match special {
                    true => self.expr(&method.expr),
                    false => self.used(&method.expr),
                };
                let name = method.name;
                (Expr::GetAttr(same(method, ast::GetAttr { expr, name })), special)
            }
            other => (self.expr(other), true),
        };
        ast::Call {
            expr,
            args: self.args(&it.args, raw, it.span()),
        }
    }

    fn args<'a>(&mut self, args: &[CallArg<'a>], raw: bool, span: Span) -> Vec<CallArg<'a>> {
        if args.len() > MOST_ARGUMENTS {
            let fault = Fault::new(
                ErrorKind::Limit,
                format!("this has more than {MOST_ARGUMENTS} arguments"),
            );
            self.note(fault, span);
        }
        let mut value = |expr: &Expr<'a>| if raw { self.expr(expr) } else { self.used(expr) };
        args.iter()
            .map(|arg| match arg {
                CallArg::Pos(expr) => CallArg::Pos(value(expr)),
                CallArg::Kwarg(name, expr) => CallArg::Kwarg(name, value(expr)),
                CallArg::PosSplat(expr) => CallArg::PosSplat(value(expr)),
                CallArg::KwargSplat(expr) => CallArg::KwargSplat(value(expr)),
            })
            .collect()
    }

    fn unknown(&mut self, what: &str, name: &str, known: impl Iterator<Item = &'static str>, span: Span) {
        let near = nearest(name, known).map(|near| format!("did you mean `{near}`?"));
        let fault = Fault::new(ErrorKind::Unknown, format!("there is no {what} `{name}`"));
        self.note(fault.help(near), span);
    }

    fn note(&mut self, fault: Fault, span: Span) {
        self.fault.get_or_insert(CompileFault {
            fault,
            range: bytes(span),
        });
    }
}

/// Names of filters and tests may have the prefix of Ansible's core.
pub(super) fn plain_name(name: &str) -> &str {
    name.strip_prefix("ansible.builtin.").unwrap_or(name)
}

/// Another node at the same place.
fn same<T, U>(old: &Spanned<T>, new: U) -> Spanned<U> {
    Spanned::new(new, old.span())
}

fn constant<'a>(value: Value, span: Span) -> Expr<'a> {
    Expr::Const(Spanned::new(ast::Const { value }, span))
}

fn filter<'a>(name: &'static str, expr: Expr<'a>, args: Vec<CallArg<'a>>, span: Span) -> Expr<'a> {
    let filter = ast::Filter {
        name,
        expr: Some(expr),
        args,
    };
    Expr::Filter(Spanned::new(filter, span))
}

/// What is assigned to: names stay as they are.
fn target<'a>(expr: &Expr<'a>) -> Expr<'a> {
    match expr {
        Expr::List(it) => {
            let items = it.items.iter().map(target).collect();
            Expr::List(same(it, ast::List { items }))
        }
        Expr::Tuple(it) => {
            let items = it.items.iter().map(target).collect();
            Expr::Tuple(same(it, ast::Tuple { items }))
        }
        Expr::GetAttr(it) => {
            let expr = target(&it.expr);
            Expr::GetAttr(same(it, ast::GetAttr { expr, name: it.name }))
        }
        Expr::Var(it) => Expr::Var(same(it, ast::Var { id: it.id })),
        // The parser lets nothing else be a target.
        other => Expr::Var(Spanned::new(ast::Var { id: "" }, other.span())),
    }
}
