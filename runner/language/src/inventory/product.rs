//! Every product is a group of the hosts that run it.

use std::path::PathBuf;
use std::sync::Arc;

use cutover_kit::Value;
use cutover_kit::product::Product;

use super::Inventory;
use super::beside::{self, Beside};
use super::load::Loading;
use crate::diagnose::{Diagnostic, nearest};
use crate::scope::{Nowhere, Scope, Variable};
use crate::yaml::{Kind, Node};

/// Puts some hosts into the groups of their products, and reads the files of those groups that
/// were not there before.
pub(super) fn and_files(
    inventory: &mut Inventory,
    hosts: &[String],
    folders: &[(PathBuf, Beside)],
    loading: &mut Loading<'_>,
) {
    let made = groups(inventory, hosts);
    for (folder, beside) in folders {
        beside::groups(inventory, &made, folder, *beside, loading);
    }
}

/// Puts some hosts into the groups of their products. Returns the groups that were not there before.
fn groups(inventory: &mut Inventory, hosts: &[String]) -> Vec<String> {
    let mut made = Vec::new();
    for host in hosts {
        let scope = Scope::new(Arc::new(Nowhere)).with_all(inventory.layers(host));
        let names = match scope.get("product") {
            Some((Variable::Template(node), _)) => written(node, &mut inventory.warnings),
            Some((Variable::Data(value), _)) => found(value),
            None => continue,
        };
        for name in names {
            if inventory.group(&name).is_none() {
                made.push(name.clone());
            }
            inventory.add(host, [name.as_str()]);
        }
    }
    made
}

/// The products that a value of the run names. What is none of them shows when the host is typed.
fn found(value: &Value) -> Vec<String> {
    let items = match value {
        Value::List(items) => items,
        one => std::slice::from_ref(one),
    };
    let words = items.iter().filter_map(Value::as_str);
    let known = words.filter(|word| Product::all().any(|product| product.name() == *word));
    known.map(str::to_owned).collect()
}

/// The products that a node names: one or a list of them.
fn written(node: &Node, warnings: &mut Vec<Diagnostic>) -> Vec<String> {
    let mut names = Vec::new();
    let items = match &node.kind {
        Kind::Seq(items) => items,
        _ => std::slice::from_ref(node),
    };
    for item in items {
        let known: Vec<_> = Product::all().map(Product::name).collect();
        let warning = match item.as_text() {
            Some(_) if item.is_template() => Diagnostic::warning(
                "product",
                &item.place,
                "a product that is a template is no group: groups are made before any template is rendered",
            ),
            Some(name) if known.contains(&name) => {
                names.push(name.to_owned());
                continue;
            }
            Some(name) => {
                let warning = Diagnostic::warning("product", &item.place, format!("`{name}` is no product"));
                match nearest(name, known.iter().copied()) {
                    Some(near) => warning.help(format!("did you mean `{near}`?")),
                    None => warning.help(format!("the products are {}", known.join(", "))),
                }
            }
            None => Diagnostic::warning(
                "product",
                &item.place,
                format!(
                    "`product` takes a name or a list of names, not {}",
                    item.describe()
                ),
            ),
        };
        if !warnings.contains(&warning) {
            warnings.push(warning);
        }
    }
    names
}
