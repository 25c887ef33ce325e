//! Encrypted texts. Those beside this file were made by `ansible-vault` of
//! ansible-core 2.19 with the passwords `throwaway` and `other`.

use std::sync::Arc;

use cutover_kit::secret::Origin;
use cutover_kit::{Secret, Secrets};
use cutover_language::files::{self, Memory};
use cutover_language::inventory::{Sources, load};
use cutover_language::scope::{Nowhere, Scope};
use cutover_language::template::Templar;
use cutover_language::vault::{self, Key, Keyring, NoVault, Vault, VaultError};
use cutover_language::{Node, yaml};
use insta::assert_snapshot;
use proptest::prelude::*;

use crate::pictures;

const PLAIN: &str = include_str!("vault/plain.txt");
const LABELLED: &str = include_str!("vault/labelled.txt");

fn password(text: &str) -> Secret {
    Secret::new(text, Origin::Prompt("Vault password".into()))
}

fn keyring(keys: &[(&str, &str)]) -> Keyring {
    Keyring::new(keys.iter().map(|(label, text)| Key {
        label: (*label).to_owned(),
        password: password(text),
    }))
}

fn opened(sealed: &str, keys: &[(&str, &str)]) -> String {
    match keyring(keys).open_text(sealed) {
        Ok(text) => text.to_string(),
        Err(error) => format!("<{error}>"),
    }
}

#[test]
fn what_ansible_encrypted_is_opened() {
    assert_eq!(
        opened(PLAIN, &[("default", "throwaway")]),
        "site_token: from the vault\nport: 8443\n"
    );
    assert_eq!(opened(LABELLED, &[("lab", "other")]), "user: labelled\n");
    assert_eq!(vault::label_of(LABELLED), Some("lab"));
    assert_eq!(vault::label_of(PLAIN), None);
}

#[test]
fn several_passwords_are_tried_the_one_of_the_label_first() {
    let both = keyring(&[("default", "throwaway"), ("lab", "other")]);
    assert_eq!(both.find(LABELLED).unwrap().0.label, "lab");
    assert_eq!(both.find(PLAIN).unwrap().0.label, "default");
    // A label is a hint and no more.
    assert_eq!(
        opened(LABELLED, &[("a", "x"), ("b", "other")]),
        "user: labelled\n"
    );
}

#[test]
fn what_cannot_be_opened_says_why() {
    let wrong = [("default", "wrong")];
    let table = [
        opened(PLAIN, &wrong),
        opened(PLAIN, &[]),
        NoVault.open(PLAIN).unwrap_err().to_string(),
        opened("$ANSIBLE_VAULT;1.1;AES256\n61zz\n", &wrong),
        opened("$ANSIBLE_VAULT;1.1;AES256\n6162\n", &wrong),
        opened("$ANSIBLE_VAULT;1.1;AES\n6162\n", &wrong),
        opened("$ANSIBLE_VAULT;3;AES256\n6162\n", &wrong),
        opened("plain", &wrong),
        opened(&PLAIN.replace("6363731", "6363732"), &[("default", "throwaway")]),
    ];
    assert_snapshot!(table.join("\n"), @r#"
    <Decryption failed (no vault secrets were found that could decrypt)>
    <Attempting to decrypt but no vault secrets found>
    Attempting to decrypt but no vault secrets found
    <this is no encrypted text: its body is not hexadecimal>
    <this is no encrypted text: a part of its body is missing>
    <this is no encrypted text: its cipher is not AES256>
    <this is no encrypted text: its format is neither 1.1 nor 1.2>
    <this is no encrypted text: it does not begin with `$ANSIBLE_VAULT;`>
    <Decryption failed (no vault secrets were found that could decrypt)>
    "#);
}

#[test]
fn what_is_sealed_names_its_label_unless_it_is_the_plain_one() {
    let sealed = |label| vault::seal(b"x", &password("p"), label).unwrap();
    let first = |text: String| text.lines().next().unwrap_or_default().to_owned();
    assert_eq!(first(sealed(None)), "$ANSIBLE_VAULT;1.1;AES256");
    assert_eq!(first(sealed(Some("default"))), "$ANSIBLE_VAULT;1.1;AES256");
    assert_eq!(first(sealed(Some("lab"))), "$ANSIBLE_VAULT;1.2;AES256;lab");
    let bytes = vault::seal(&[0xff, 0], &password("p"), None).unwrap();
    assert_eq!(keyring(&[("x", "p")]).open_text(&bytes), Err(VaultError::NotText));
    assert_eq!(*keyring(&[("x", "p")]).open(&bytes).unwrap(), [0xff, 0]);
}

#[test]
fn a_file_of_variables_may_be_encrypted_and_its_texts_are_secrets() {
    let files = Memory::of([("hosts.yml", "all: {hosts: {a: }}"), ("host_vars/a.yml", PLAIN)])
        .with_vault(Arc::new(keyring(&[("default", "throwaway")])));
    let sources = Sources {
        inventories: vec!["hosts.yml".to_owned()],
        playbooks: Vec::new(),
    };
    let inventory = load(&sources, &files)
        .map_err(|faults| pictures(&faults))
        .unwrap();
    let scope = Scope::new(Arc::new(Nowhere)).with_all(inventory.layers("a"));
    let secrets = Secrets::default();
    let templar = Templar::new(Arc::new(files), secrets.clone(), Arc::new(NoVault));
    let source = cutover_language::Source::new("t.yml", "{token: '{{ site_token }}', port: '{{ port }}'}");
    let value = templar.render(&yaml::parse(&source).unwrap(), &scope).unwrap();
    assert_eq!(format!("{value:?}"), "{\"token\": ********, \"port\": 8443}");
    assert_eq!(secrets.mask("it is from the vault"), "it is ********");
}

#[test]
fn a_file_that_is_looked_up_may_be_encrypted_and_is_a_secret() {
    let sealed = vault::seal(b"hunter22\n", &password("p"), None).unwrap();
    let files = Arc::new(Memory::of([("/site/key.txt", sealed)]));
    let source = cutover_language::Source::new("t.yml", "'{{ lookup(\"file\", \"/site/key.txt\") }}'");
    let node = yaml::parse(&source).unwrap();
    let look = |vault: Arc<dyn Vault>| {
        let secrets = Secrets::default();
        let scope = Scope::new(Arc::new(Nowhere));
        let value = Templar::new(files.clone(), secrets.clone(), vault).render(&node, &scope);
        value
            .map(|value| format!("{value:?} {}", secrets.mask("hunter22")))
            .map_err(|error| error.message)
    };
    assert_eq!(
        look(Arc::new(keyring(&[("x", "p")]))),
        Ok("******** ********".to_owned())
    );
    let closed = "Attempting to decrypt but no vault secrets found";
    assert_eq!(look(Arc::new(NoVault)), Err(closed.to_owned()));
}

#[test]
fn a_mistake_in_an_encrypted_file_shows_nothing_of_it() {
    let sealed = vault::seal(b"- token: hunter22\n- [", &password("p"), None).unwrap();
    let files = Memory::of([("vars.yml", sealed)]).with_vault(Arc::new(keyring(&[("default", "p")])));
    let source = files::read(&files, "vars.yml".as_ref()).unwrap();
    let faults = yaml::parse(&source)
        .map(|node: Node| node.describe())
        .unwrap_err();
    assert_snapshot!(pictures(&faults), @r#"
    error[yaml-syntax]: this is not YAML: while parsing a node, did not find expected node content
     --> vars.yml:2:4
      |
    2 | * *
      |    ^
    "#);
    let fault = files::read(&Memory::of([("vars.yml", PLAIN)]), "vars.yml".as_ref()).unwrap_err();
    assert_snapshot!(pictures(&[*fault]), @r#"
    error[vault]: Attempting to decrypt but no vault secrets found
     --> vars.yml:1:1
      |
    1 | $ANSIBLE_VAULT;1.1;AES256
      | ^
      |
      = help: give the password with --vault-password-file, --vault-id or --ask-vault-pass
    "#);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn what_is_sealed_can_be_opened(clear in proptest::collection::vec(any::<u8>(), 0..70), word in "\\PC{1,12}") {
        let sealed = vault::seal(&clear, &password(&word), None).unwrap();
        prop_assert!(sealed.lines().all(|line| line.len() <= 80));
        prop_assert_eq!(&*keyring(&[("x", &word)]).open(&sealed).unwrap(), &clear);
    }

    #[test]
    fn any_text_is_opened_or_refused(text in "(\\$ANSIBLE_VAULT;1\\.[12];AES256(;a)?\n)?[0-9a-f\n ]{0,200}|\\PC{0,40}") {
        prop_assert!(keyring(&[("x", "y")]).open(&text).is_err());
    }
}
