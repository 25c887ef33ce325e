//! The order of things on the wire, from the twins' own log.

use cutover::exit::Exit;
use cutover_twins::What;

use crate::estate::{Story, cluster};

fn imports(store: &'static str) -> impl Fn(&What) -> bool {
    move |what| matches!(what, What::Imported { store: into, .. } if into == store)
}

#[tokio::test(start_paused = true)]
async fn a_pair_is_rotated_primary_first() {
    let mut story = Story::of([cluster("finesse", &["finesse"], 2)]);
    let told = story.run().await;
    assert_eq!(told.exit, Exit::Done, "{:#?}", told.failures());
    assert_eq!(
        told.changes(),
        [
            "finesse-1 request tomcat",
            "finesse-2 request tomcat",
            "finesse-1 import tomcat-trust",
            "finesse-1 import tomcat-trust",
            "finesse-1 import tomcat",
            "finesse-1 restart",
            "finesse-1 up",
            "finesse-2 import tomcat",
            "finesse-2 restart",
            "finesse-2 up",
        ]
    );
    assert!(told.find("finesse-2", imports("tomcat-trust")).is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_second_run_changes_nothing() {
    let mut story = Story::of([cluster("cuic", &["cuic"], 2)]);
    let first = story.run().await;
    assert_eq!(first.exit, Exit::Done, "{:#?}", first.failures());
    let second = story.run().await;
    assert_eq!(second.exit, Exit::Done, "{:#?}", second.failures());
    assert_eq!(second.changes(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_cluster_of_three_restarts_one_node_after_another() {
    let mut story = Story::of([cluster("cuic", &["cuic"], 3)]);
    let told = story.run().await;
    assert_eq!(told.exit, Exit::Done, "{:#?}", told.failures());
    let restarts: Vec<_> = told
        .changes()
        .into_iter()
        .filter(|line| line.ends_with("restart") || line.ends_with(" up"))
        .collect();
    assert_eq!(
        restarts,
        [
            "cuic-1 restart",
            "cuic-1 up",
            "cuic-2 restart",
            "cuic-2 up",
            "cuic-3 restart",
            "cuic-3 up"
        ]
    );
    assert_eq!(told.most_down(&["cuic-1", "cuic-2", "cuic-3"]), 1);
}

#[tokio::test(start_paused = true)]
async fn a_co_resident_node_is_rotated_once_for_all_its_products() {
    let mut story = Story::of([cluster("core", &["cuic", "livedata", "ids"], 2)]);
    let told = story.run().await;
    assert_eq!(told.exit, Exit::Done, "{:#?}", told.failures());
    assert_eq!(
        told.find("core-1", |what| matches!(what, What::RequestMade { .. }))
            .len(),
        1
    );
    assert_eq!(told.find("core-1", imports("tomcat")).len(), 1);
    assert_eq!(told.find("core-1", |what| *what == What::Restart).len(), 1);
    assert_eq!(told.most_down(&["core-1", "core-2"]), 1);
}

#[tokio::test(start_paused = true)]
async fn single_nodes_of_a_pool_restart_one_after_another() {
    let browsers = ["vvb-a", "vvb-b", "vvb-c"].map(|name| {
        let mut nodes = cluster(name, &["vvb"], 1);
        nodes[0].pool = Some("browsers".into());
        nodes
    });
    let mut story = Story::of(browsers);
    let told = story.run().await;
    assert_eq!(told.exit, Exit::Done, "{:#?}", told.failures());
    assert_eq!(told.most_down(&["vvb-a-1", "vvb-b-1", "vvb-c-1"]), 1);
    let ups: Vec<_> = told
        .changes()
        .into_iter()
        .filter(|line| line.ends_with(" up"))
        .collect();
    assert_eq!(ups, ["vvb-a-1 up", "vvb-b-1 up", "vvb-c-1 up"]);
}

#[tokio::test(start_paused = true)]
async fn no_leaf_is_switched_before_every_caller_trusts_its_chain() {
    let mut finesse = cluster("finesse", &["finesse"], 2);
    let mut cuic = cluster("cuic", &["cuic"], 2);
    let mut livedata = cluster("livedata", &["livedata"], 2);
    for (index, nodes) in [&mut finesse, &mut cuic, &mut livedata].into_iter().enumerate() {
        for node in nodes {
            node.variables = format!("ca: {{local: ca-{index}, intermediates: {index}}}");
        }
    }
    let mut story = Story::of([finesse, cuic, livedata]);
    let told = story.run().await;
    assert_eq!(told.exit, Exit::Done, "{:#?}", told.failures());
    let everybody = [
        "finesse-1",
        "finesse-2",
        "cuic-1",
        "cuic-2",
        "livedata-1",
        "livedata-2",
    ];
    let trusted = |host: &str| {
        let arrives = |what: &What| matches!(what, What::Imported { store, .. } | What::Arrived { store, .. } if store == "tomcat-trust");
        told.find(host, arrives).last().copied().unwrap()
    };
    let first_leaf = everybody
        .iter()
        .map(|host| told.find(host, imports("tomcat"))[0])
        .min()
        .unwrap();
    for host in everybody {
        assert!(
            trusted(host) < first_leaf,
            "{host} trusts everybody before the first leaf is switched"
        );
    }
    for secondary in ["finesse-2", "cuic-2", "livedata-2"] {
        assert!(
            told.find(secondary, imports("tomcat-trust")).is_empty(),
            "{secondary} gets its trust by replication"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_lane_killed_between_identity_and_restart_does_exactly_the_rest() {
    let mut story = Story::of([cluster("finesse", &["finesse"], 2)]);
    let stop = cutover::run::Stop::default();
    let twins = story.twins();
    let watch = stop.clone();
    let killer = tokio::spawn(async move {
        loop {
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            let log = twins.estate().log();
            let switched = |entry: &cutover_twins::Entry| {
                entry.host == "finesse-1"
                    && matches!(&entry.what, What::Imported { store, .. } if store == "tomcat")
            };
            if log.iter().any(switched) {
                watch.finish_change();
                return;
            }
        }
    });
    let first = story.run_until(stop).await;
    killer.await.unwrap();
    assert_eq!(first.exit, Exit::Suspended);
    assert!(
        first.changes().contains(&"finesse-1 import tomcat".to_owned()),
        "{:#?}",
        first.changes()
    );
    assert!(
        !first.changes().contains(&"finesse-1 restart".to_owned()),
        "{:#?}",
        first.changes()
    );

    let second = story.run().await;
    assert_eq!(second.exit, Exit::Done, "{:#?}", second.failures());
    assert_eq!(
        second.changes(),
        [
            "finesse-1 restart",
            "finesse-1 up",
            "finesse-2 import tomcat",
            "finesse-2 restart",
            "finesse-2 up",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_partner_outside_the_limit_that_is_down_refuses_the_turn() {
    let mut story = Story::of([cluster("cuic", &["cuic"], 2)]);
    story.node("cuic-2").twin.services_down = vec!["Cisco Tomcat".into()];
    story.limit = Some("cuic-1".into());
    let told = story.run().await;
    assert_eq!(told.exit, Exit::Failed, "{:#?}", told.changes());
    assert!(
        told.find("cuic-1", |what| *what == What::Restart).is_empty(),
        "{:#?}",
        told.failures()
    );

    story
        .accept
        .insert("cuic-2".into(), "being replaced tonight".into());
    let accepted = story.run().await;
    assert_eq!(
        accepted.find("cuic-1", |what| *what == What::Restart).len(),
        1,
        "{:#?}",
        accepted.failures()
    );
}

#[tokio::test(start_paused = true)]
async fn check_mode_passes_an_untouched_estate_and_writes_nothing() {
    let mut story = Story::of([cluster("finesse", &["finesse"], 2), cluster("cuic", &["cuic"], 2)]);
    story.check = true;
    let told = story.run().await;
    assert_eq!(told.exit, Exit::Done, "{:#?}", told.failures());
    assert_eq!(told.changes(), [""; 0]);
    assert_eq!(story.twins().estate().writes(), 0);
    assert!(
        !story.work().exists(),
        "no request and no certificate is written either"
    );
}
