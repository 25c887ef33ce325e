//! Who may know whom, read from the workspace's own metadata.

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::Value as Json;

use crate::support::workspace;

/// What each crate of ours may depend on among ours; none means that all is allowed.
const MAY_KNOW: [(&str, &[&str]); 11] = [
    ("cutover-kit", &[]),
    ("cutover-x509", &["cutover-kit"]),
    ("cutover-reach", &["cutover-kit"]),
    ("cutover-core", &["cutover-kit"]),
    ("cutover-vos", &["cutover-kit", "cutover-x509"]),
    (
        "cutover-certificates",
        &["cutover-kit", "cutover-x509", "cutover-vos"],
    ),
    ("cutover-site", &["cutover-kit", "cutover-core"]),
    ("cutover-language", &["cutover-kit"]),
    ("cutover-engine", &["cutover-kit", "cutover-language"]),
    ("cutover-twins", &[]),
    ("cutover-memory-twins", &["cutover-kit", "cutover-twins"]),
];

/// The dependencies among the workspace's crates, those for tests apart.
struct Known {
    normal: BTreeMap<String, Vec<String>>,
    tests: BTreeMap<String, Vec<String>>,
}

fn known() -> Known {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(workspace())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Json = serde_json::from_slice(&output.stdout).unwrap();
    let mut known = Known {
        normal: BTreeMap::new(),
        tests: BTreeMap::new(),
    };
    for package in metadata["packages"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        let (normal, tests) = (known.normal.entry(name.into()), known.tests.entry(name.into()));
        let (normal, tests) = (normal.or_default(), tests.or_default());
        for dependency in package["dependencies"].as_array().unwrap() {
            let other = dependency["name"].as_str().unwrap().to_owned();
            let list = if dependency["kind"] == "dev" {
                &mut *tests
            } else {
                &mut *normal
            };
            if other.starts_with("cutover") {
                list.push(other);
            }
        }
    }
    known
}

#[test]
fn every_crate_knows_only_whom_it_may() {
    let mut known = known();
    assert!(known.normal.remove("cutover").is_some(), "the face may know all");
    for (name, others) in known.normal {
        let (_, allowed) = MAY_KNOW
            .iter()
            .find(|(listed, _)| *listed == name)
            .unwrap_or_else(|| panic!("say in tests/suite/boundaries.rs whom {name} may know"));
        for other in others {
            assert!(allowed.contains(&other.as_str()), "{name} may not know {other}");
        }
    }
}

#[test]
fn twins_know_nobody_of_ours_even_in_their_tests() {
    let known = known();
    assert_eq!(known.tests["cutover-twins"], Vec::<String>::new());
}
