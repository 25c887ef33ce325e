//! Statements: what they print, go through and test is used.

use minijinja::machinery::ast::{self, Expr, Spanned, Stmt};

use super::{EACH, OWN, PRINT, Rewriter, filter, same};

impl Rewriter {
    fn body<'a>(&mut self, body: &[Stmt<'a>]) -> Vec<Stmt<'a>> {
        body.iter().map(|stmt| self.stmt(stmt)).collect()
    }

    fn captured<'a>(&mut self, body: &[Stmt<'a>]) -> Vec<Stmt<'a>> {
        self.captured += 1;
        let body = self.body(body);
        self.captured -= 1;
        body
    }

    pub(super) fn stmt<'a>(&mut self, stmt: &Stmt<'a>) -> Stmt<'a> {
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
                let value = self.expr(&it.expr);
                let set = ast::Set {
                    target: target(&it.target),
                    expr: filter(OWN, value, Vec::new(), it.expr.span()),
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
                self.refers = true;
                let import = ast::Import {
                    expr: self.used(&it.expr),
                    name: target(&it.name),
                };
                Stmt::Import(same(it, import))
            }
            Stmt::FromImport(it) => {
                self.refers = true;
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
                self.refers = true;
                let name = self.used(&it.name);
                Stmt::Extends(same(it, ast::Extends { name }))
            }
            Stmt::Include(it) => {
                self.refers = true;
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
