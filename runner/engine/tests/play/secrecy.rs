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

/// Made on the way, so that no file holds it.
const MARKER: &str = "top-most";

/// A play of one task that says the marker as often as it can.
fn telling(task: &str) -> String {
    format!(
        "
- hosts: all
  gather_facts: false
  any_errors_fatal: true
  vars: {{hush: \"{{{{ 'top' ~ '-' ~ 'most' }}}}\"}}
  tasks:
    - {{no_log: true, {task}}}
    - fail: {{msg: over}}
"
    )
}

/// The events that tell the marker, of a run that fails.
fn marked(playbook: &str) -> Vec<String> {
    let told = Stage::of(hosts(2), playbook).run();
    assert_ne!(told.exit.code(), 0, "{playbook}{}", told.story());
    let lines = told
        .events
        .iter()
        .map(|event| serde_json::to_string(event).unwrap());
    lines.filter(|line| line.contains(MARKER)).collect()
}

#[test]
fn a_task_that_is_not_logged_tells_nothing_however_it_ends() {
    let trouble = |kind: &str| format!("trouble: {{say: '{{{{ hush }}}}', kind: {kind}}}");
    let ways = [
        "fail: {msg: '{{ hush }}'}".to_owned(),
        "assert: {that: [1 == 2], fail_msg: '{{ hush }}'}".to_owned(),
        "debug: {msg: '{{ hush }}'}, failed_when: true".to_owned(),
        "fail: {msg: '{{ item }}'}, loop: ['{{ hush }}', b], loop_control: {label: '{{ item }}'}".to_owned(),
        "fail: {msg: '{{ hush }}'}, retries: 1, delay: 0, until: false".to_owned(),
        "fail: {msg: '{{ hush }}'}, run_once: true".to_owned(),
        "include_tasks: '{{ hush }}.yml'".to_owned(),
        trouble("refused"),
        trouble("unknown"),
        trouble("awaiting"),
        trouble("unreachable"),
        "add_host: {name: n1, said: '{{ hush }}'}".to_owned(),
        "set_stats: {data: {said: '{{ hush }}'}}".to_owned(),
    ];
    for way in ways {
        let logged = telling(&way).replace("no_log: true", "no_log: false");
        assert!(!marked(&logged).is_empty(), "nobody would have said it: {logged}");
        let in_a_phase = telling(&way).replace("  tasks:", "  phases:\n  - name: p\n    tasks:");
        for playbook in [telling(&way), in_a_phase] {
            assert_eq!(marked(&playbook), [""; 0], "{playbook}");
        }
    }
}
