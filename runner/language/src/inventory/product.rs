//! Every product is a group of the hosts that run it.

use cutover_kit::product::Product;

use super::Inventory;
use crate::diagnose::{Diagnostic, nearest};
use crate::scope::{Scope, Variable};
use crate::yaml::{Kind, Node};

/// Puts every host into the groups of its products. Returns the groups that
/// were not there before.
pub(super) fn groups(inventory: &mut Inventory) -> Vec<String> {
    let mut made = Vec::new();
    let hosts: Vec<String> = inventory.hosts().map(str::to_owned).collect();
    for host in hosts {
        let scope = Scope::new(std::sync::Arc::new(crate::scope::Nowhere)).with_all(inventory.layers(&host));
        let Some((Variable::Template(node), _)) = scope.get("product") else {
            continue;
        };
        for name in names(node, &mut inventory.warnings) {
            if inventory.group(&name).is_none() {
                made.push(name.clone());
            }
            inventory.add(&host, [name.as_str()]);
        }
    }
    made
}

/// The products a value names: one or a list of them.
fn names(node: &Node, warnings: &mut Vec<Diagnostic>) -> Vec<String> {
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
