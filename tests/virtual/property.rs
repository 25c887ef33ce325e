//! Random clusters, pools and failures: never two members out of service by our hand.

use cutover_twins::{TwinOptions, What};
use proptest::prelude::*;

use crate::estate::{Node, Story, cluster};

#[derive(Clone, Debug)]
struct Shape {
    nodes: usize,
    pool: Option<u8>,
    trouble: Vec<Trouble>,
}

#[derive(Clone, Copy, Debug)]
enum Trouble {
    None,
    NeverReturns,
    ServiceDown,
    StuckService,
    BrokenReplication,
    SwallowedAnswer,
    NeverGetsTrust,
    Locked,
}

/// How many estates to try: a dozen, or as many as `PROPTEST_CASES` says (`.ci/long`).
fn cases() -> u32 {
    let wanted = std::env::var("PROPTEST_CASES").ok();
    wanted.and_then(|text| text.parse().ok()).unwrap_or(12)
}

fn trouble() -> impl Strategy<Value = Trouble> {
    prop_oneof![
        8 => Just(Trouble::None),
        1 => Just(Trouble::NeverReturns),
        1 => Just(Trouble::ServiceDown),
        1 => Just(Trouble::StuckService),
        1 => Just(Trouble::BrokenReplication),
        1 => Just(Trouble::SwallowedAnswer),
        1 => Just(Trouble::NeverGetsTrust),
        1 => Just(Trouble::Locked),
    ]
}

fn shape() -> impl Strategy<Value = Shape> {
    (
        1..4_usize,
        prop::option::of(0..2_u8),
        prop::collection::vec(trouble(), 3),
    )
        .prop_map(|(nodes, pool, trouble)| Shape { nodes, pool, trouble })
}

fn make(twin: &mut TwinOptions, trouble: Trouble) {
    match trouble {
        Trouble::None => {}
        Trouble::NeverReturns => twin.mischief.never_returns = true,
        Trouble::ServiceDown => twin.services_down = vec!["Cisco Tomcat".into()],
        Trouble::StuckService => twin.mischief.stuck_service = Some("Cisco Tomcat".into()),
        Trouble::BrokenReplication => twin.replication = 4,
        Trouble::SwallowedAnswer => twin.mischief.swallowed_answer = true,
        Trouble::NeverGetsTrust => twin.mischief.never_gets_trust = true,
        Trouble::Locked => twin.locked = vec!["admin".into()],
    }
}

fn nodes(index: usize, shape: &Shape) -> Vec<Node> {
    let mut nodes = cluster(&format!("c{index}"), &["vvb"], shape.nodes);
    for (node, trouble) in nodes.iter_mut().zip(&shape.trouble) {
        node.pool = shape.pool.map(|pool| format!("p{pool}"));
        make(&mut node.twin, *trouble);
    }
    nodes
}

/// Whoever takes turns with `node`, and itself.
fn group(all: &[Node], node: &Node) -> Vec<String> {
    let together =
        |other: &&Node| other.cluster == node.cluster || node.pool.is_some() && node.pool == other.pool;
    all.iter()
        .filter(together)
        .map(|other| other.name.clone())
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), max_shrink_iters: 40, ..ProptestConfig::default() })]

    #[test]
    fn never_two_members_out_of_service_by_our_hand(shapes in prop::collection::vec(shape(), 1..4)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let mut story = Story::of(shapes.iter().enumerate().map(|(index, shape)| nodes(index, shape)));
            let all = story.nodes.clone();
            let told = story.run().await;
            for node in &all {
                let group = group(&all, node);
                let names: Vec<&str> = group.iter().map(String::as_str).collect();
                prop_assert!(told.most_down(&names) <= 1, "{names:?}: {:#?}", told.changes());
            }
            // A node is taken down only while every partner is in service, whoever put it out.
            for (index, entry) in told.log.iter().enumerate() {
                if entry.what != What::Restart {
                    continue;
                }
                let node = all.iter().find(|node| node.name == entry.host).unwrap();
                for partner in group(&all, node).iter().filter(|name| **name != node.name) {
                    let twin = &all.iter().find(|other| other.name == *partner).unwrap().twin;
                    prop_assert!(twin.services_down.is_empty(), "{} went down beside {partner}: {index}", node.name);
                    prop_assert_eq!(twin.replication, 2);
                }
            }
            Ok(())
        })?;
    }
}
