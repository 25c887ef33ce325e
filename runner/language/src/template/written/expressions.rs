//! Expressions of a rewritten tree as text.

use minijinja::Value;
use minijinja::machinery::ast::{self, CallArg, Expr};

use super::{Writer, spelt};
use crate::template::python;

impl Writer {
    /// Filters without what they are applied to.
    pub(super) fn filters(&mut self, expr: &Expr<'_>) {
        if let Expr::Filter(it) = expr {
            if let Some(inner) = &it.expr {
                self.filters(inner);
                self.text(" | ");
            }
            self.text(&spelt(it.name));
            self.args(&it.args);
        }
    }

    pub(super) fn expr(&mut self, expr: &Expr<'_>) {
        match expr {
            Expr::Var(it) => self.text(it.id),
            Expr::Const(it) => self.constant(&it.value),
            Expr::Filter(it) => {
                it.expr.iter().for_each(|inner| self.operand(inner));
                self.text("|");
                self.text(&spelt(it.name));
                self.args(&it.args);
            }
            Expr::Test(it) => {
                self.operand(&it.expr);
                self.text(&format!(" is {}", it.name));
                self.args(&it.args);
            }
            Expr::GetAttr(it) => {
                self.object(&it.expr);
                self.text(&format!(".{}", it.name));
            }
            Expr::GetItem(it) => {
                self.object(&it.expr);
                self.text("[");
                self.expr(&it.subscript_expr);
                self.text("]");
            }
            Expr::Call(it) => self.call(it),
            Expr::List(it) => {
                self.text("[");
                self.members(&it.items);
                self.text("]");
            }
            Expr::Tuple(it) => {
                self.text("(");
                self.members(&it.items);
                self.text(")");
            }
            Expr::Map(it) => {
                self.text("{");
                for (key, value) in it.keys.iter().zip(&it.values) {
                    self.expr(key);
                    self.text(": ");
                    self.expr(value);
                    self.text(", ");
                }
                self.text("}");
            }
            Expr::UnaryOp(it) => {
                let is_not = matches!(it.op, ast::UnaryOpKind::Not);
                self.text(if is_not { "not " } else { "-" });
                self.operand(&it.expr);
            }
            Expr::BinOp(it) => {
                self.operand(&it.left);
                self.text(match it.op {
                    ast::BinOpKind::ScAnd => " and ",
                    ast::BinOpKind::ScOr => " or ",
                    // All others are filters of ours by now.
                    _ => " ~ ",
                });
                self.operand(&it.right);
            }
            Expr::IfExpr(it) => {
                self.operand(&it.true_expr);
                self.text(" if ");
                self.operand(&it.test_expr);
                if let Some(otherwise) = &it.false_expr {
                    self.text(" else ");
                    self.operand(otherwise);
                }
            }
            // Filters of ours by now.
            Expr::Slice(_) | Expr::Compare(_) => {}
        }
    }

    fn members(&mut self, items: &[Expr<'_>]) {
        for item in items {
            self.operand(item);
            self.text(", ");
        }
    }

    /// In parentheses, unless it holds together by itself.
    fn operand(&mut self, expr: &Expr<'_>) {
        let whole = match expr {
            Expr::Const(it) => it.value.as_str().is_some(),
            Expr::Var(_) | Expr::Filter(_) | Expr::List(_) | Expr::Map(_) | Expr::Tuple(_) => true,
            _ => false,
        };
        if whole {
            return self.expr(expr);
        }
        self.text("(");
        self.expr(expr);
        self.text(")");
    }

    /// What a member or a method is of. A dot after a filter would belong to its name.
    fn object(&mut self, expr: &Expr<'_>) {
        let filtered = matches!(expr, Expr::Filter(_));
        self.text(if filtered { "(" } else { "" });
        self.operand(expr);
        self.text(if filtered { ")" } else { "" });
    }

    pub(super) fn call(&mut self, it: &ast::Call<'_>) {
        match &it.expr {
            Expr::GetAttr(method) => {
                self.object(&method.expr);
                self.text(&format!(".{}", method.name));
            }
            other => self.operand(other),
        }
        self.text("(");
        self.listed(&it.args);
        self.text(")");
    }

    fn args(&mut self, args: &[CallArg<'_>]) {
        if !args.is_empty() {
            self.text("(");
            self.listed(args);
            self.text(")");
        }
    }

    fn listed(&mut self, args: &[CallArg<'_>]) {
        for (count, arg) in args.iter().enumerate() {
            self.text(if count > 0 { ", " } else { "" });
            match arg {
                CallArg::Pos(expr) => self.operand(expr),
                CallArg::Kwarg(name, expr) => {
                    self.text(&format!("{name}="));
                    self.operand(expr);
                }
                CallArg::PosSplat(expr) => {
                    self.text("*");
                    self.operand(expr);
                }
                CallArg::KwargSplat(expr) => {
                    self.text("**");
                    self.operand(expr);
                }
            }
        }
    }

    fn constant(&mut self, value: &Value) {
        let written = match value.as_str() {
            Some(text) => {
                let escaped = text
                    .replace('\\', "\\\\")
                    .replace('"', "\\\"")
                    .replace('\n', "\\n")
                    .replace('\r', "\\r");
                format!("\"{escaped}\"")
            }
            None if value.is_none() => "none".to_owned(),
            None => python::text(value)
                .replace("True", "true")
                .replace("False", "false"),
        };
        self.text(&written);
    }
}
