//! Encrypted texts. Those beside this file were made by `ansible-vault` of
//! ansible-core 2.19 with the passwords `throwaway` and `other`.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use cutover_kit::secret::Origin;
use cutover_kit::{Secret, Secrets, Value};
use cutover_language::files::{self, Memory};
use cutover_language::inventory::{Sources, load};
use cutover_language::scope::{Layer, Nowhere, Rank, Scope};
use cutover_language::template::{FileOptions, Templar};
use cutover_language::vault::{self, Key, Keyring, NoVault, Remembering, Vault, VaultError};
use cutover_language::{Node, Source, yaml};
use insta::assert_snapshot;
use proptest::prelude::*;
use zeroize::Zeroizing;

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
    let templar = Templar::new(Arc::new(files), secrets.clone());
    let source = Source::new("t.yml", "{token: '{{ site_token }}', port: '{{ port }}'}");
    let value = templar.render(&yaml::parse(&source).unwrap(), &scope).unwrap();
    assert_eq!(format!("{value:?}"), "{\"token\": ********, \"port\": 8443}");
    assert_eq!(secrets.mask("it is from the vault"), "it is ********");
}

#[test]
fn a_file_that_is_looked_up_may_be_encrypted_and_is_a_secret() {
    let sealed = vault::seal(b"hunter22\n", &password("p"), None).unwrap();
    let files = Memory::of([("/site/key.txt", sealed)]);
    let source = Source::new("t.yml", "'{{ lookup(\"file\", \"/site/key.txt\") }}'");
    let node = yaml::parse(&source).unwrap();
    let look = |vault: Arc<dyn Vault>| {
        let secrets = Secrets::default();
        let scope = Scope::new(Arc::new(Nowhere));
        let files = Arc::new(files.clone().with_vault(vault));
        let value = Templar::new(files, secrets.clone()).render(&node, &scope);
        value
            .map(|value| format!("{value:?} {}", secrets.mask("hunter22")))
            .map_err(|error| format!("{} ({})", error.message, error.help.unwrap_or_default()))
    };
    assert_eq!(
        look(Arc::new(keyring(&[("x", "p")]))),
        Ok("******** ********".to_owned())
    );
    let closed = "Attempting to decrypt but no vault secrets found (give the password with --vault-password-file, --vault-id or --ask-vault-pass)";
    assert_eq!(look(Arc::new(NoVault)), Err(closed.to_owned()));
}

/// Everything that a lookup or a template reads may be encrypted, whatever its line ends.
#[test]
fn each_way_to_read_an_encrypted_file_makes_secrets() {
    let sealed = |text: &str| vault::seal(text.as_bytes(), &password("p"), None).unwrap();
    let files = Memory::of([
        ("play/files/t.csv", sealed("a,hunter22\n")),
        ("play/files/t.ini", sealed("[s]\nkey=hunter23\n")),
        ("play/templates/t.j2", sealed("pass={{ 1 }}\r\nhunter24\r\n")),
        ("play/templates/part.j2", sealed("hunter25")),
        ("play/templates/whole.j2", "{% include 'part.j2' %}!".to_owned()),
    ]);
    let secrets = Secrets::default();
    let files = files.with_vault(Arc::new(keyring(&[("x", "p")])));
    let templar = Templar::new(Arc::new(files), secrets.clone());
    let magic = Layer::new(Rank::Magic, "magic").with("playbook_dir", "play");
    let scope = Scope::new(Arc::new(Nowhere)).with(magic);
    let lookups = [
        "csvfile', 'a file=t.csv delimiter=,'",
        "ini', 'key section=s file=t.ini'",
        "template', 't.j2'",
        "template', 'whole.j2'",
    ];
    let values = lookups.map(|lookup| {
        let text = format!("lookup('{lookup})");
        let node = Node::text(
            text.as_str(),
            Source::new("t.yml", text.as_str()).place(0..text.len()),
        );
        match templar.expression(&node, &scope) {
            Ok(Value::Secret(secret)) => format!("secret {:?}", secret.expose()),
            other => format!("{other:?}"),
        }
    });
    let file = templar.render_file("play/templates/t.j2".as_ref(), &scope, &FileOptions::default());
    let file = file
        .map(|value| format!("{value:?}"))
        .map_err(|error| error.message);
    assert_snapshot!(format!("{}\n{}", values.join("\n"), file.unwrap()), @r#"
    secret "hunter22"
    secret "hunter23"
    secret "pass=1\nhunter24\n"
    secret "hunter25!"
    ********
    "#);
    assert_eq!(secrets.mask("hunter22 hunter23"), "******** ********");
}

/// The author's own word is no secret, wherever else it stands.
#[test]
fn the_default_of_a_lookup_in_an_encrypted_file_is_no_secret() {
    let sealed = |text: &str| vault::seal(text.as_bytes(), &password("p"), None).unwrap();
    let files = Memory::of([
        ("play/files/t.csv", sealed("a,hunter22\n")),
        ("play/files/t.ini", sealed("[s]\nkey=hunter23\n")),
    ]);
    let secrets = Secrets::default();
    let files = files.with_vault(Arc::new(keyring(&[("x", "p")])));
    let templar = Templar::new(Arc::new(files), secrets.clone());
    let magic = Layer::new(Rank::Magic, "magic").with("playbook_dir", "play");
    let scope = Scope::new(Arc::new(Nowhere)).with(magic);
    for text in [
        "lookup('csvfile', 'b', file='t.csv', delimiter=',', default='present')",
        "lookup('ini', 'other', section='s', file='t.ini', default='present')",
    ] {
        let node = Node::text(text, Source::new("t.yml", text).place(0..text.len()));
        assert_eq!(templar.expression(&node, &scope).unwrap(), Value::from("present"));
    }
    assert_eq!(secrets.mask("present"), "present");
}

/// In a file of tasks only variables are cut out wherever they stand: `present` is no secret.
#[test]
fn arguments_in_an_encrypted_file_are_hidden_and_its_variables_cut_out_everywhere() {
    let text = "args: {state: present, list: [restarted]}\nvars: {site: lisbon}\n";
    let sealed = Source::sealed("tasks.yml", text);
    let root = yaml::parse(&sealed).unwrap();
    let member = |name: &str| root.as_map().unwrap().get(name).unwrap().clone();
    let variables = Layer::written(Rank::Task, "vars", member("vars").as_map().unwrap());
    let secrets = Secrets::default();
    let templar = Templar::new(Arc::new(Memory::default()), secrets.clone());
    let scope = Scope::new(Arc::new(Nowhere)).with(variables);
    let arguments = templar.render(&member("args"), &scope).unwrap();
    assert_eq!(
        format!("{arguments:?}"),
        "{\"state\": ********, \"list\": [********]}"
    );
    templar.variable("site", &scope).unwrap();
    assert_eq!(
        secrets.mask("nginx is present and restarted in lisbon"),
        "nginx is present and restarted in ********"
    );
}

/// A vault that counts how often it was asked.
struct Counting(AtomicUsize);

impl Vault for Counting {
    fn open(&self, sealed: &str) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        self.0.fetch_add(1, Ordering::SeqCst);
        match sealed {
            "closed" => Err(VaultError::WrongPassword),
            text => Ok(Zeroizing::new(text.as_bytes().to_vec())),
        }
    }
}

#[test]
fn what_was_opened_once_is_kept() {
    let counting = Arc::new(Counting(AtomicUsize::new(0)));
    let vault = Remembering::new(Arc::clone(&counting) as Arc<dyn Vault>);
    let opened: Vec<_> = ["a", "b", "a", "closed", "closed", "a"]
        .map(|text| vault.open_text(text).map(|text| text.to_string()).ok())
        .into_iter()
        .map(Option::unwrap_or_default)
        .collect();
    assert_eq!(opened, ["a", "b", "a", "", "", "a"]);
    assert_eq!(counting.0.load(Ordering::SeqCst), 4);
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
