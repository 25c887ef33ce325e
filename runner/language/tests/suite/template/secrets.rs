//! Secrets, encrypted values and what is known later.

use std::sync::Arc;

use cutover_kit::secret::Origin;
use cutover_kit::value::Later;
use cutover_kit::{Secret, Secrets, Value};
use cutover_language::files::Memory;
use cutover_language::scope::{Layer, Rank};
use cutover_language::template::{Templar, Truth};
use cutover_language::vault::{self, Key, Keyring};
use insta::assert_snapshot;

use super::{json, node, scope, templar};
use crate::pictures;

const SECRETS: &str = "
ansible_password: hunter22
keystore: {password: changeit, path: /opt, deep: [{api_token: 123456}]}
from_env: \"{{ lookup('env', 'VOS_PASSWORD') }}\"
user: admin
url: 'https://{{ user }}:{{ ansible_password }}@host'
ansible_ssh_private_key_file: /home/me/.ssh/id
other_password: \"{{ user }}\"
";

/// The value with every secret shown by where it comes from.
fn shown(value: &Value) -> String {
    match value {
        Value::Secret(secret) => origin(secret.origin()),
        Value::List(list) => format!("[{}]", list.iter().map(shown).collect::<Vec<_>>().join(", ")),
        Value::Map(map) => {
            let members: Vec<_> = map
                .iter()
                .map(|(key, value)| format!("{key}: {}", shown(value)))
                .collect();
            format!("{{{}}}", members.join(", "))
        }
        other => json(other),
    }
}

fn origin(origin: &Origin) -> String {
    match origin {
        Origin::Place { at, variable } => format!("<{variable} {at}>"),
        Origin::Environment(name) => format!("<${name}>"),
        Origin::Derived(from) => format!(
            "<from {}>",
            from.iter().map(self::origin).collect::<Vec<_>>().join(" ")
        ),
        other => format!("<{other:?}>"),
    }
}

#[test]
fn what_is_made_of_a_secret_is_secret_and_nothing_else() {
    let table = [
        "'{{ ansible_password }}'",
        "'{{ keystore }}'",
        "'{{ keystore.path }}'",
        "'{{ keystore.password }}'",
        "'{{ keystore.deep[0].api_token }}'",
        "'{{ from_env }}'",
        "'{{ url }}'",
        "'-p {{ ansible_password }} {{ from_env }}'",
        "'{{ ansible_password | upper }}'",
        "'{{ ansible_password | length }}'",
        "'{{ ansible_password == \"hunter22\" }}'",
        "'{{ ansible_password is defined }}{{ user }}'",
        "'{{ [user, ansible_password] }}'",
        "'{{ {\"u\": user, \"p\": ansible_password} | combine({\"x\": 1}) }}'",
        "'{{ [user, ansible_password] | map(\"upper\") | list }}'",
        "{u: '{{ user }}', p: '{{ ansible_password }}'}",
        "'{{ user if ansible_password == \"x\" else \"no\" }}'",
        "'{{ ansible_ssh_private_key_file }}'",
        "'{{ other_password }}'",
        "'{% for c in keystore.deep %}{{ c.api_token }}{% endfor %}'",
        "'{{ hostvars[\"fin-b\"].ansible_password }}'",
        "'{{ nosuch | default(ansible_password) }}'",
        "'{{ ansible_password | default(\"x\") }}'",
        "'{{ \"hunter22\" in [user, ansible_password] }}'",
        "'{{ ansible_password | to_json }}'",
    ];
    let templar = templar();
    let scope = scope(SECRETS);
    let lines = table.map(|template| {
        let value = templar.render(&node("task.yml", template), &scope);
        format!(
            "{template}\n    {}",
            value.map_or_else(|error| error.to_string(), |value| shown(&value))
        )
    });
    assert_snapshot!(lines.join("\n"), @r#"
    '{{ ansible_password }}'
        <ansible_password vars.yml:2:19>
    '{{ keystore }}'
        {password: <keystore.password vars.yml:3:22>, path: "/opt", deep: [{api_token: <keystore.deep[0].api_token vars.yml:3:63>}]}
    '{{ keystore.path }}'
        "/opt"
    '{{ keystore.password }}'
        <keystore.password vars.yml:3:22>
    '{{ keystore.deep[0].api_token }}'
        <keystore.deep[0].api_token vars.yml:3:63>
    '{{ from_env }}'
        <$VOS_PASSWORD>
    '{{ url }}'
        <from <ansible_password vars.yml:2:19>>
    '-p {{ ansible_password }} {{ from_env }}'
        <from <ansible_password vars.yml:2:19> <$VOS_PASSWORD>>
    '{{ ansible_password | upper }}'
        <from <ansible_password vars.yml:2:19>>
    '{{ ansible_password | length }}'
        8
    '{{ ansible_password == "hunter22" }}'
        true
    '{{ ansible_password is defined }}{{ user }}'
        "Trueadmin"
    '{{ [user, ansible_password] }}'
        ["admin", <ansible_password vars.yml:2:19>]
    '{{ {"u": user, "p": ansible_password} | combine({"x": 1}) }}'
        {u: "admin", p: <ansible_password vars.yml:2:19>, x: 1}
    '{{ [user, ansible_password] | map("upper") | list }}'
        [<from <ansible_password vars.yml:2:19>>, <from <ansible_password vars.yml:2:19>>]
    {u: '{{ user }}', p: '{{ ansible_password }}'}
        {u: "admin", p: <ansible_password vars.yml:2:19>}
    '{{ user if ansible_password == "x" else "no" }}'
        <from <ansible_password vars.yml:2:19>>
    '{{ ansible_ssh_private_key_file }}'
        "/home/me/.ssh/id"
    '{{ other_password }}'
        <other_password vars.yml:8:17>
    '{% for c in keystore.deep %}{{ c.api_token }}{% endfor %}'
        <keystore.deep[0].api_token vars.yml:3:63>
    '{{ hostvars["fin-b"].ansible_password }}'
        <ansible_password vars.yml:2:19>
    '{{ nosuch | default(ansible_password) }}'
        <ansible_password vars.yml:2:19>
    '{{ ansible_password | default("x") }}'
        <ansible_password vars.yml:2:19>
    '{{ "hunter22" in [user, ansible_password] }}'
        true
    '{{ ansible_password | to_json }}'
        <from <ansible_password vars.yml:2:19>>
    "#);
}

#[test]
fn a_secret_is_learnt_and_never_said() {
    let secrets = Secrets::default();
    let templar = Templar::new(Arc::new(Memory::default()), secrets.clone());
    let template = node("task.yml", "'{{ url }}'");
    let value = templar.render(&template, &scope(SECRETS)).unwrap();
    assert_eq!(format!("{value:?}"), "********");
    assert_eq!(
        secrets.mask("x https://admin:hunter22@host y hunter22"),
        "x ******** y ********"
    );
    let error = templar
        .render(
            &node("task.yml", "'{{ lookup(\"file\", ansible_password) }}'"),
            &scope(SECRETS),
        )
        .unwrap_err();
    assert_eq!(error.message, "the file ******** cannot be read: no such file");
}

#[test]
fn an_encrypted_value_is_opened_when_it_is_used() {
    let password = Secret::new("p", Origin::environment("VAULT"));
    let sealed = |text: &str| {
        let sealed = vault::seal(text.as_bytes(), &password, None).unwrap();
        format!("!vault |\n  {}\n", sealed.trim_end().replace('\n', "\n  "))
    };
    let vars = format!(
        "good: {}bad: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  00\n",
        sealed("opened")
    );
    let key = Key {
        label: "default".to_owned(),
        password,
    };
    let keyring = Arc::new(Keyring::new([key]));
    let templar = Templar::new(
        Arc::new(Memory::default().with_vault(keyring)),
        Secrets::default(),
    );
    let scope = scope(&vars);
    let value = templar.render(&node("task.yml", "'{{ good }}'"), &scope).unwrap();
    assert_eq!(shown(&value), "<good vars.yml:1:7>");
    let error = templar
        .render(&node("task.yml", "'{{ bad }}'"), &scope)
        .unwrap_err();
    assert_snapshot!(pictures(&[error.to_diagnostic()]), @r"
    error[vault]: this is no encrypted text: its body is not hexadecimal
     --> vars.yml:8:6
      |
    8 | bad: !vault |
      |      ^^^^^^^^
      |
     ::: task.yml:1:5
      |
    1 | '{{ bad }}'
      |     --- while templating variable `bad`
      |
      = help: copy the whole text, from `$ANSIBLE_VAULT` to its last line
    ");
}

#[test]
fn what_needs_something_later_is_known_later() {
    let later = Later { after: "sign".into() };
    let result = Value::map([
        ("cert", Value::Later(later.clone())),
        ("changed", Value::from(true)),
    ]);
    let scope = scope("{name: '{{ signed.cert }}', list: ['{{ signed.cert }}', 1]}").with(
        Layer::new(Rank::Set, "register")
            .with("signed", result)
            .with("all_later", later),
    );
    let shown = |template: &str| match templar().render(&node("task.yml", template), &scope) {
        Ok(value) => json(&value),
        Err(error) => error.to_string(),
    };
    let is = "\"(known after sign)\"";
    assert_eq!(shown("'{{ signed.cert }}'"), is);
    assert_eq!(shown("'{{ name }}'"), is);
    assert_eq!(shown("'cert {{ name }}'"), is);
    assert_eq!(shown("'{{ list }}'"), format!("[{is},1]"));
    assert_eq!(shown("'{{ all_later.stdout.deep | upper }}'"), is);
    assert_eq!(shown("'{{ signed.changed }}'"), "true");
    assert_eq!(shown("'{{ signed.cert is defined }}'"), "true");
    assert_eq!(shown("'{% for x in all_later %}{{ x }}{% endfor %}'"), is);
    assert_eq!(
        shown("{a: '{{ signed.cert }}', b: 1}"),
        format!("{{\"a\":{is},\"b\":1}}")
    );
    let truth = |text: &str| {
        templar()
            .condition(&node("task.yml", text), &scope)
            .unwrap()
            .truth
    };
    assert!(matches!(truth("signed.cert == 'x'"), Truth::Later(_)));
    assert!(matches!(truth("all_later is changed"), Truth::Later(_)));
    assert_eq!(truth("signed is changed"), Truth::True);
    assert_eq!(truth("signed.changed or all_later.rc == 1"), Truth::True);
}
