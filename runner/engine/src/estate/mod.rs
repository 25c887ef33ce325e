//! From the variables of the inventory to the typed estate: defaults filled in,
//! every mistake found, each with its place.

mod login;
mod openssh;
mod read;
mod window;

use std::path::{Path, PathBuf};

use cutover_kit::estate::{Ca, CaKey, Decisions, Deployment};
use cutover_kit::session::Endpoint;
use cutover_kit::timing::Timing;
use cutover_kit::{Host, Node, Platform, Product, Value};
use cutover_language::Diagnostic;

pub use login::{LoginDefaults, checking, settings};
pub(crate) use openssh::faults as ssh_args_faults;
pub use openssh::{Refused as RefusedSshArgs, check_ssh_args};
pub use read::{Found, Variables, parse_duration};
pub use window::window;

use crate::policy::Policy;

/// What hosts get where the inventory says nothing.
#[derive(Clone, Debug)]
pub struct Defaults {
    /// `work`.
    pub work: PathBuf,
    /// The folder that relative paths of the inventory start from.
    pub base: PathBuf,
}

/// The typed host of the name `name`, under `policy`. All of its mistakes are reported.
pub fn host(
    name: &str,
    variables: &Variables<'_>,
    defaults: &Defaults,
    policy: &Policy,
) -> Result<Host, Vec<Diagnostic>> {
    let mut faults = Vec::new();
    let host = build(name, variables, defaults, &mut faults);
    if faults.is_empty() {
        Ok(under(policy, defaults, host))
    } else {
        Err(faults)
    }
}

fn build(name: &str, vars: &Variables<'_>, defaults: &Defaults, faults: &mut Vec<Diagnostic>) -> Host {
    let platform = platform(name, vars, faults);
    let products = vars.words("product", faults).unwrap_or_default();
    let products: Vec<Product> = products
        .iter()
        .filter_map(|word| vars.name("product", word, Product::all().map(Product::name), faults))
        .collect();
    let port = vars
        .port("ansible_port", faults)
        .or_else(|| vars.port("ansible_ssh_port", faults))
        // What is wrong with them is told where the login is read.
        .or_else(|| openssh::said(vars, &mut Vec::new()).port)
        .unwrap_or(22);
    let address = vars
        .text("ansible_host", faults)
        .or_else(|| vars.text("ansible_ssh_host", faults))
        .unwrap_or_else(|| name.to_owned());
    Host {
        name: name.to_owned(),
        fqdn: vars.text("fqdn", faults).unwrap_or_else(|| name.to_owned()),
        platform,
        version: vars.text("version", faults),
        cluster: vars.text("cluster", faults).unwrap_or_else(|| name.to_owned()),
        node: vars
            .one_of(
                "node",
                &[("primary", Node::Primary), ("secondary", Node::Secondary)],
                faults,
            )
            .unwrap_or_default(),
        pool: vars.text("pool", faults),
        site: vars.text("site", faults),
        ssh: Endpoint::new(address, port),
        tls_ports: vars
            .ports("tls_ports", faults)
            .unwrap_or_else(|| union(&products, |it| it.tls_ports())),
        units: vars
            .words("units", faults)
            .unwrap_or_else(|| vec!["tomcat".to_owned()]),
        talks_to: vars.words("talks_to", faults).unwrap_or_else(|| {
            union(&products, |it| it.talks_to())
                .into_iter()
                .map(str::to_owned)
                .collect()
        }),
        ca: ca(vars, defaults, faults),
        ca_command: vars.words("ca_command", faults),
        renew_before: vars.duration("renew_before", faults),
        work: vars
            .text("work", faults)
            .map_or_else(|| defaults.work.clone(), |work| defaults.base.join(work)),
        deployment: deployment(vars, faults),
        decisions: decisions(vars, faults),
        timing: timing(vars, faults),
        products,
    }
}

/// What the run's policy decides instead of the inventory.
fn under(policy: &Policy, defaults: &Defaults, mut host: Host) -> Host {
    if policy.own_work {
        host.work = defaults.work.clone();
    }
    if let Some(timing) = &policy.timing {
        host.timing = timing.clone();
    }
    if let Some(signer) = &policy.signer {
        host.ca_command = None;
        if !matches!(host.ca, Some(Ca::Local { .. })) {
            host.ca = Some(signer.clone());
        }
    }
    host
}

/// Words of `ansible_connection`. Those that say by which program are as good as `ssh`; what runs
/// over it is a matter of the platform.
const CONNECTIONS: [(&str, bool); 9] = [
    ("ssh", false),
    ("smart", false),
    ("paramiko", false),
    ("paramiko_ssh", false),
    ("network_cli", false),
    ("winrm", false),
    ("psrp", false),
    ("local", true),
    ("ansible.builtin.local", true),
];

/// A device stays what it is; else a local connection means this machine.
fn platform(name: &str, vars: &Variables<'_>, faults: &mut Vec<Diagnostic>) -> Platform {
    let local = vars
        .text("ansible_connection", faults)
        .filter(|word| word.strip_prefix("ansible.builtin.").unwrap_or(word) != "ssh")
        .map(|_| {
            vars.one_of("ansible_connection", &CONNECTIONS, faults)
                .unwrap_or(false)
        });
    let here = local.unwrap_or(false) || local.is_none() && name == "localhost";
    match vars.one_of("platform", &Platform::ALL, faults) {
        Some(device @ (Platform::Vos | Platform::Windows)) => device,
        _ if here => Platform::Local,
        Some(said) => said,
        None => Platform::Posix,
    }
}

fn deployment(vars: &Variables<'_>, faults: &mut Vec<Diagnostic>) -> Deployment {
    let names = [
        ("ucce", Deployment::Ucce),
        ("pcce", Deployment::Pcce),
        ("uccx", Deployment::Uccx),
    ];
    vars.one_of("deployment", &names, faults).unwrap_or_default()
}

fn decisions(vars: &Variables<'_>, faults: &mut Vec<Diagnostic>) -> Decisions {
    let mut yes = |name: &str| vars.truth(name, faults).unwrap_or(false);
    let mut decisions = Decisions {
        allow_missing_client_auth: yes("allow_missing_client_auth"),
        accept_lost_names: yes("accept_lost_names"),
        accept_smaller_key: yes("accept_smaller_key"),
        accept_multi_server: yes("accept_multi_server"),
        backup_confirmed: yes("backup_confirmed"),
        callers_outside_only_warn: false,
    };
    let callers = vars.one_of("callers_outside", &[("warn", true), ("stop", false)], faults);
    decisions.callers_outside_only_warn = callers.unwrap_or(false);
    decisions
}

fn timing(vars: &Variables<'_>, faults: &mut Vec<Diagnostic>) -> Timing {
    match vars.get("timing", faults) {
        None => Timing::real(),
        Some(Found {
            value: Value::Map(_),
            place,
        }) => {
            let given = vars
                .get("timing", faults)
                .map(|found| found.value.reveal())
                .unwrap_or_default();
            serde_json::from_value(given).unwrap_or_else(|error| {
                faults.push(read::fault(
                    place.as_ref(),
                    "bad-timing",
                    format!("timing: {error}"),
                ));
                Timing::real()
            })
        }
        Some(_) => {
            let fast = vars.one_of("timing", &[("real", false), ("fast", true)], faults);
            if fast == Some(true) {
                Timing::fast()
            } else {
                Timing::real()
            }
        }
    }
}

const CA_HELP: &str = "either `{chain: FILE}` or `{local: NAME, intermediates: 1, key: rsa2048}`";

fn ca(vars: &Variables<'_>, defaults: &Defaults, faults: &mut Vec<Diagnostic>) -> Option<Ca> {
    let found = vars.get("ca", faults)?;
    match understand_ca(&found.value, &defaults.base) {
        Ok(ca) => Some(ca),
        Err(wrong) => {
            faults.push(read::fault(found.place.as_ref(), "bad-ca", format!("ca: {wrong}")).help(CA_HELP));
            None
        }
    }
}

fn understand_ca(value: &Value, base: &Path) -> Result<Ca, String> {
    let map = value
        .as_map()
        .ok_or_else(|| format!("this is {}", value.kind()))?;
    let allowed: &[&str] = if map.contains_key("local") {
        &["local", "intermediates", "key"]
    } else {
        &["chain"]
    };
    if let Some(unknown) = map.keys().find(|key| !allowed.contains(&key.as_str())) {
        return Err(format!("`{unknown}` is not known here"));
    }
    if let Some(chain) = map.get("chain") {
        let chain = chain.as_str().ok_or("`chain` must be the path of a file")?;
        return Ok(Ca::Chain(base.join(chain)));
    }
    let name = map
        .get("local")
        .and_then(Value::as_str)
        .ok_or("neither `chain` nor `local` is given")?;
    let intermediates = match map.get("intermediates") {
        None => 1,
        Some(Value::Int(count @ 0..=8)) => u8::try_from(*count).map_err(|error| error.to_string())?,
        Some(_) => return Err("`intermediates` must be a number from 0 to 8".into()),
    };
    let key = match map.get("key").map(|key| key.as_str()) {
        None | Some(Some("rsa2048")) => CaKey::Rsa2048,
        Some(Some("ec384")) => CaKey::Ec384,
        Some(_) => return Err("`key` must be rsa2048 or ec384".into()),
    };
    Ok(Ca::Local {
        name: name.to_owned(),
        intermediates,
        key,
    })
}

/// The members of all products, each once, in the products' order.
fn union<T: Copy + PartialEq + 'static>(
    products: &[Product],
    of: impl Fn(Product) -> &'static [T],
) -> Vec<T> {
    let mut all = Vec::new();
    for item in products.iter().flat_map(|product| of(*product)) {
        if !all.contains(item) {
            all.push(*item);
        }
    }
    all
}

#[cfg(test)]
mod tests;
