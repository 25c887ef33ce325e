//! The syntax tree with our meaning of "undefined", "secret" and "known later"
//! put into it.
//!
//! Every member access becomes our own filter [`MEMBER`], which goes through
//! undefined values instead of failing. Every operand that is really used is
//! wrapped in the filter [`USE`], which fails on undefined values, with the
//! place of exactly that operand, and notices secrets. The names of these
//! filters cannot be spelt in a template.

mod statements;

use minijinja::Value;
use minijinja::machinery::ast::{CallArg, Expr, Spanned, Stmt};
use minijinja::machinery::{Span, ast};

use super::compile::{CompileFault, bytes};
use super::error::{ErrorKind, Fault};
use super::{backslash, engine};
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
/// A list or mapping that can be changed.
pub(super) const OWN: &str = "(own)";
/// A filter of the site, whose name is its first argument.
pub(super) const SITE: &str = "(site)";
/// What an `if` without `else` is where it does not hold.
pub(super) const NOTHING: &str = "(nothing)";
/// A part of a text or list.
pub(super) const SLICE: &str = "(slice)";

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
    /// There are other files that it includes, imports or extends.
    refers: bool,
}

impl Rewriter {
    pub(super) fn finish(self) -> Result<(), CompileFault> {
        self.fault.map_or(Ok(()), Err)
    }

    /// Whether it includes, imports or extends other files.
    pub(super) fn refers(&self) -> bool {
        self.refers
    }

    /// A whole expression, whose value is not used yet.
    pub(super) fn expression<'a>(&mut self, expr: &Expr<'a>) -> Expr<'a> {
        self.expr(expr)
    }

    /// A whole template.
    pub(super) fn template<'a>(&mut self, tree: &Stmt<'a>) -> Stmt<'a> {
        self.stmt(tree)
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
            Expr::Const(it) => {
                let text = it.value.as_str().and_then(backslash::unmarked);
                let value = text.map_or_else(|| it.value.clone(), Value::from);
                constant(value, it.span())
            }
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
                let list = Expr::List(same(it, ast::List { items }));
                filter(OWN, list, Vec::new(), it.span())
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
                filter(OWN, Expr::Map(same(it, map)), Vec::new(), it.span())
            }
            other => self.operator(other),
        }
    }

    fn operator<'a>(&mut self, expr: &Expr<'a>) -> Expr<'a> {
        match expr {
            Expr::Slice(it) => {
                let bounds = [&it.start, &it.stop, &it.step].map(|bound| match bound {
                    Some(bound) => CallArg::Pos(self.used(bound)),
                    None => CallArg::Pos(constant(Value::from(()), it.span())),
                });
                filter(SLICE, self.used(&it.expr), bounds.into(), it.span())
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
            Expr::BinOp(it) => self.binary(it),
            Expr::Compare(it) => self.comparison(it),
            Expr::IfExpr(it) => {
                let neither = || {
                    filter(
                        NOTHING,
                        constant(Value::from(()), it.span()),
                        Vec::new(),
                        it.span(),
                    )
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

    fn binary<'a>(&mut self, it: &Spanned<ast::BinOp<'a>>) -> Expr<'a> {
        let name = match it.op {
            // The right side is the result, which is not used here.
            ast::BinOpKind::ScAnd | ast::BinOpKind::ScOr => {
                let (left, right) = (self.used(&it.left), self.expr(&it.right));
                let op = it.op;
                return Expr::BinOp(same(it, ast::BinOp { op, left, right }));
            }
            ast::BinOpKind::Concat => {
                let (left, right) = (self.used_all(&it.left), self.used_all(&it.right));
                let op = it.op;
                return Expr::BinOp(same(it, ast::BinOp { op, left, right }));
            }
            ast::BinOpKind::Add => "(+)",
            ast::BinOpKind::Sub => "(-)",
            ast::BinOpKind::Mul => "(*)",
            ast::BinOpKind::Div => "(/)",
            ast::BinOpKind::FloorDiv => "(//)",
            ast::BinOpKind::Rem => "(%)",
            ast::BinOpKind::Pow => "(**)",
            ast::BinOpKind::Eq => "(==)",
            ast::BinOpKind::Ne => "(!=)",
            ast::BinOpKind::Lt => "(<)",
            ast::BinOpKind::Lte => "(<=)",
            ast::BinOpKind::Gt => "(>)",
            ast::BinOpKind::Gte => "(>=)",
            ast::BinOpKind::In => "(in)",
        };
        self.operation(name, &it.left, &it.right, it.span())
    }

    fn operation<'a>(
        &mut self,
        name: &'static str,
        left: &Expr<'a>,
        right: &Expr<'a>,
        span: Span,
    ) -> Expr<'a> {
        let left = self.used_all(left);
        filter(name, left, vec![CallArg::Pos(self.used_all(right))], span)
    }

    /// `a < b < c` is `a < b and b < c`.
    fn comparison<'a>(&mut self, it: &Spanned<ast::Compare<'a>>) -> Expr<'a> {
        let lefts = std::iter::once(&it.expr).chain(it.ops.iter().map(|op| &op.expr));
        let parts: Vec<Expr<'a>> = lefts
            .zip(&it.ops)
            .map(|(left, op)| {
                let name = match op.op {
                    ast::CompareOpKind::Eq => "(==)",
                    ast::CompareOpKind::Ne => "(!=)",
                    ast::CompareOpKind::Lt => "(<)",
                    ast::CompareOpKind::Lte => "(<=)",
                    ast::CompareOpKind::Gt => "(>)",
                    ast::CompareOpKind::Gte => "(>=)",
                    ast::CompareOpKind::In => "(in)",
                    ast::CompareOpKind::NotIn => "(not in)",
                };
                self.operation(name, left, &op.expr, it.span())
            })
            .collect();
        let both = |left, right| {
            let op = ast::BinOpKind::ScAnd;
            Expr::BinOp(same(it, ast::BinOp { op, left, right }))
        };
        let all = parts.into_iter().reduce(both);
        all.unwrap_or_else(|| constant(Value::from(true), it.span()))
    }

    fn filter<'a>(&mut self, it: &Spanned<ast::Filter<'a>>) -> Expr<'a> {
        let name = plain_name(it.name);
        if !engine::is_filter(name) {
            return self.site_filter(name, it);
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

    /// A filter that only the site may have, which is found when it is called.
    fn site_filter<'a>(&mut self, name: &str, it: &Spanned<ast::Filter<'a>>) -> Expr<'a> {
        let mut args = vec![CallArg::Pos(constant(Value::from(name), it.span()))];
        args.extend(self.args(&it.args, true, it.span()));
        let rewritten = ast::Filter {
            name: SITE,
            expr: it.expr.as_ref().map(|expr| self.expr(expr)),
            args,
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
