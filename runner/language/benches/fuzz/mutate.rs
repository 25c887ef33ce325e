//! Damage: to bytes, to lines, to the nodes of the tree, and whole shapes made to hurt.

use serde_yaml::{Mapping, Value};

use crate::corpus::Corpus;

/// What turns up where it does not belong.
const PIECES: [&str; 28] = [
    "{{",
    "}}",
    "{%",
    "%}",
    "{{ item | default(omit) }}",
    "{% for x in range(9) %}",
    "{{ [[[[1]]]] }}",
    "{{ lookup('file', '/') }}",
    "{# ",
    "!vault |",
    "!unsafe",
    "$ANSIBLE_VAULT;1.1;AES256",
    "&a",
    "*a",
    "<<: *a",
    "? ",
    ": ",
    "- ",
    "|-\n",
    ">+\n",
    "---\n",
    "...\n",
    "\t",
    "\r\n",
    "\u{feff}",
    "\u{0}",
    "\u{1f600}",
    "%YAML 1.1\n",
];

/// A file of the corpus with some damage done to it.
pub(crate) fn damaged(corpus: &Corpus, chance: &mut fastrand::Rng) -> String {
    let mut text = match chance.u8(..12) {
        0 => shape(chance),
        1..4 => tree(corpus, chance),
        4 => toml(&grafted(corpus, chance), 0),
        5 => tables(corpus, chance),
        _ => corpus.text(chance).to_owned(),
    };
    for _ in 0..chance.u8(..6) {
        text = match chance.u8(..3) {
            0 => bytes(&text, chance),
            1 => lines(&text, corpus, chance),
            _ => piece(&text, chance),
        };
    }
    text
}

fn bytes(text: &str, chance: &mut fastrand::Rng) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=chance.u8(..4) {
        let at = chance.usize(..=bytes.len());
        match chance.u8(..3) {
            0 => bytes.insert(at, chance.u8(..)),
            1 if at < bytes.len() => drop(bytes.remove(at)),
            _ if at < bytes.len() => bytes[at] = chance.u8(b' '..=b'~'),
            _ => {}
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn lines(text: &str, corpus: &Corpus, chance: &mut fastrand::Rng) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    let other: Vec<&str> = corpus.text(chance).lines().collect();
    if lines.is_empty() || other.is_empty() {
        return text.to_owned();
    }
    let (at, from) = (chance.usize(..lines.len()), chance.usize(..other.len()));
    let indented = format!("  {}", lines[at]);
    match chance.u8(..5) {
        0 => drop(lines.remove(at)),
        1 => lines.insert(at, lines[at]),
        2 => lines.insert(at, other[from]),
        3 => lines[at] = &indented,
        _ => lines[at] = lines[at].trim_start(),
    }
    lines.join("\n")
}

fn piece(text: &str, chance: &mut fastrand::Rng) -> String {
    let places: Vec<usize> = text
        .char_indices()
        .map(|(at, _)| at)
        .chain([text.len()])
        .collect();
    let at = places[chance.usize(..places.len())];
    let piece = PIECES[chance.usize(..PIECES.len())];
    format!("{}{piece}{}", &text[..at], &text[at..])
}

/// A tree with some nodes replaced, repeated, taken away or buried.
fn tree(corpus: &Corpus, chance: &mut fastrand::Rng) -> String {
    serde_yaml::to_string(&grafted(corpus, chance)).unwrap_or_default()
}

fn grafted(corpus: &Corpus, chance: &mut fastrand::Rng) -> Value {
    let mut tree = corpus.tree(chance).clone();
    for _ in 0..=chance.u8(..3) {
        let mut graft = some_node(corpus.tree(chance), chance).clone();
        if chance.u8(..4) == 0 {
            graft = buried(graft, chance);
        }
        *some_node_of(&mut tree, chance) = graft;
    }
    tree
}

/// A tree as TOML: each entry of the outermost mapping on a line of its own, all others in one line.
fn toml(tree: &Value, depth: usize) -> String {
    let joined = |parts: Vec<String>| parts.join(if depth == 0 { "\n" } else { ", " });
    match tree {
        Value::Mapping(map) => {
            let entries = map.iter().map(|(key, value)| {
                let key = serde_yaml::to_string(key).unwrap_or_default();
                format!("{:?} = {}", key.trim_end(), toml(value, depth + 1))
            });
            let entries = joined(entries.collect());
            if depth == 0 {
                entries
            } else {
                format!("{{ {entries} }}")
            }
        }
        Value::Sequence(items) => format!(
            "[{}]",
            joined(items.iter().map(|item| toml(item, depth + 1)).collect())
        ),
        Value::Bool(truth) => truth.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => format!("{text:?}"),
        _ => "\"\"".to_owned(),
    }
}

/// Groups as TOML has them, in each something of the corpus.
fn tables(corpus: &Corpus, chance: &mut fastrand::Rng) -> String {
    let names = [
        "all",
        "web",
        "db",
        "web.hosts",
        "all.vars",
        "\"h[1:9].x\"",
        "a.b.c.d",
        "[web]",
    ];
    let mut text = String::new();
    for _ in 0..=chance.u8(..6) {
        let name = names[chance.usize(..names.len())];
        let key = [
            "hosts",
            "vars",
            "children",
            "\"a[01:99]b[a:f]\"",
            "x.y",
            "ansible_port",
        ][chance.usize(..6)];
        let value = toml(some_node(corpus.tree(chance), chance), 1);
        text.push_str(&format!("[{name}]\n{key} = {value}\n"));
    }
    text
}

fn some_node<'a>(node: &'a Value, chance: &mut fastrand::Rng) -> &'a Value {
    match node {
        Value::Sequence(items) if !items.is_empty() && chance.u8(..4) > 0 => {
            some_node(&items[chance.usize(..items.len())], chance)
        }
        Value::Mapping(map) if !map.is_empty() && chance.u8(..4) > 0 => {
            let at = chance.usize(..map.len());
            map.values()
                .nth(at)
                .map_or(node, |value| some_node(value, chance))
        }
        _ => node,
    }
}

fn some_node_of<'a>(node: &'a mut Value, chance: &mut fastrand::Rng) -> &'a mut Value {
    let members = match &*node {
        Value::Sequence(items) => items.len(),
        Value::Mapping(map) => map.len(),
        _ => 0,
    };
    if members == 0 || chance.u8(..4) == 0 {
        return node;
    }
    let at = chance.usize(..members);
    match node {
        Value::Sequence(items) => some_node_of(&mut items[at], chance),
        Value::Mapping(map) => {
            let (_, value) = map.iter_mut().nth(at).expect("it has so many");
            some_node_of(value, chance)
        }
        other => other,
    }
}

/// A node at the bottom of many lists, mappings or blocks.
fn buried(node: Value, chance: &mut fastrand::Rng) -> Value {
    let key = ["block", "tasks", "x", "rescue", "children"][chance.usize(..5)];
    (0..chance.u8(1..160)).fold(node, |node, _| match chance.bool() {
        true => Value::Sequence(vec![node]),
        false => Value::Mapping(Mapping::from_iter([(Value::from(key), node)])),
    })
}

/// Texts that are small and stand for much.
fn shape(chance: &mut fastrand::Rng) -> String {
    let many = chance.usize(1..4000);
    match chance.u8(..11) {
        6 => format!("[{}a]\n", "a.".repeat(many)),
        7 => format!("all = {}1{}\n", "[".repeat(many), "]".repeat(many)),
        8 => format!(
            "[web.hosts]\n{}\"h[1:{}]\" = {{}}\n",
            "[[a]]\n".repeat(many),
            many / 16
        ),
        9 => format!(
            "[all.vars]\nx = {}\ny = 0x{}\nz = {}.5e{many}\n",
            "9".repeat(many),
            "f".repeat(many),
            "1_".repeat(many)
        ),
        0 => format!("- hosts: {}x{}\n", "[".repeat(many), "]".repeat(many)),
        1 => aliases(chance.u8(2..12), chance.u8(2..12)),
        2 => format!(
            "- hosts: all\n  vars:\n    x: \"{{{{ {}1{} }}}}\"\n",
            "(".repeat(many),
            ")".repeat(many)
        ),
        3 => format!(
            "- hosts: all\n  tasks:\n    - debug: {{msg: \"{}\"}}\n",
            "{{ a }}".repeat(many)
        ),
        4 => format!("all:\n  hosts:\n    \"h[1:{}]x[a:z]\":\n", many / 16),
        5 => format!("[g{}]\nh[001:{many}]\n", "\u{e9}".repeat(many)),
        _ => format!("- hosts: {}all\n  tasks: []\n", "!&~,:".repeat(many)),
    }
}

/// Each level holds several times the one before it.
fn aliases(levels: u8, width: u8) -> String {
    let mut text = String::from("- hosts: all\n  vars:\n    a0: &a0 x\n");
    for level in 1..levels {
        let inner: Vec<String> = (0..width).map(|_| format!("*a{}", level - 1)).collect();
        text.push_str(&format!("    a{level}: &a{level} [{}]\n", inner.join(", ")));
    }
    text
}
