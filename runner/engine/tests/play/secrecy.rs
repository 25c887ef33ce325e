//! What no event may tell: the whole stream is searched.

use cutover_engine::event::EventKind;

use crate::stage::{Stage, Told, hosts};

fn run(playbook: &str) -> Told {
    Stage::of(hosts(1), playbook).run()
}

fn drawn(told: &Told) -> usize {
    let is_drawn = |kind: &EventKind| matches!(kind, EventKind::Drawn { .. });
    told.events.iter().filter(|event| is_drawn(&event.kind)).count()
}

#[test]
fn chance_is_told_unless_a_secret_is_made_of_it() {
    let told = run("
- hosts: all
  gather_facts: false
  tasks:
    - debug: {msg: \"{{ lookup('password', '/dev/null') }} {{ 'x' | password_hash('sha512', rounds=1000) }}\"}
");
    assert_eq!(told.exit.code(), 0, "{}", told.story());
    assert_eq!(drawn(&told), 0);
    let told = run("
- hosts: all
  gather_facts: false
  tasks:
    - debug: {msg: \"{{ [1, 2, 3] | random }} {{ [1, 2, 3] | shuffle }}\"}
");
    assert_eq!(told.exit.code(), 0, "{}", told.story());
    assert_eq!(drawn(&told), 2);
}
