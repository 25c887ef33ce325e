//! Phases against a model: what every lane goes through, where it stops, and what must hold at
//! every moment.

mod scene;
mod watch;

use std::collections::BTreeMap;

use cutover_engine::event::{Ending, EventKind, Status};
use cutover_kit::FailureKind;
use proptest::prelude::*;

use crate::stage::{Stage, Told};
use scene::{Bad, Cluster, Nodes, Scene};
use watch::Watch;

proptest! {
    #![proptest_config(crate::config())]

    #[test]
    fn lanes_go_through_phases_as_the_contract_says(scene in scene::scene()) {
        let mut stage = Stage::of(scene.inventory(), scene.playbook());
        stage.options.forks = scene.forks;
        let told = stage.run();
        let story = format!("\n{}\n{}\n{}", scene.inventory(), scene.playbook(), told.story());
        let mut watch = Watch::of(&scene);
        let seen = told.events.iter().try_for_each(|event| watch.see(event)).and_then(|()| watch.end());
        prop_assert!(seen.is_ok(), "{}{}", seen.unwrap_err(), story);
        let ways = ways(&told);
        for cluster in &scene.clusters {
            let agreed = agree(&scene, cluster, &told, &ways);
            prop_assert!(agreed.is_ok(), "{}{}", agreed.unwrap_err(), story);
        }
        prop_assert_eq!(told.exit.code(), exit(&ways), "{}", story);
    }
}

/// Tasks and how they ended, by host.
type Ways = BTreeMap<String, Vec<(String, Status)>>;

fn ways(told: &Told) -> Ways {
    let mut ways = Ways::new();
    for event in &told.events {
        if let EventKind::TaskFinished {
            task, host, status, ..
        } = &event.kind
        {
            let way = ways.entry(host.clone()).or_default();
            way.push((task.name.clone(), *status));
        }
    }
    ways
}

fn exit(ways: &Ways) -> u8 {
    let any = |wanted| ways.values().flatten().any(|(_, status)| *status == wanted);
    match (any(Status::Unreachable), any(Status::Failed)) {
        (true, _) => 4,
        (false, true) => 2,
        (false, false) => 0,
    }
}

/// What a lane goes through where nobody refuses it anything, and whether it comes to its end.
fn foretell(scene: &Scene, cluster: &Cluster) -> (Ways, bool) {
    let mut ways = Ways::new();
    for phase in &scene.phases {
        let mut whole = true;
        for host in phase.hosts_of(cluster) {
            for task in phase.tasks.iter().chain(&phase.gate) {
                let status = match task.on(host) {
                    Some(Bad::Fails) => Status::Failed,
                    Some(Bad::IsLost) => Status::Unreachable,
                    None if task.restarts => Status::Changed,
                    None => Status::Ok,
                };
                ways.entry(host.clone())
                    .or_default()
                    .push((task.name.clone(), status));
                if task.on(host).is_some() {
                    whole = false;
                    break;
                }
            }
            if !whole && phase.nodes != Nodes::All {
                break;
            }
        }
        if !whole {
            return (ways, false);
        }
    }
    (ways, true)
}

/// A lane goes its own way, unless a partner has come to grief: then it goes a part of it, and is
/// refused a restart.
fn agree(scene: &Scene, cluster: &Cluster, told: &Told, ways: &Ways) -> Result<(), String> {
    let (own, whole) = foretell(scene, cluster);
    let name = &cluster.name;
    let refused = refusals(told, cluster);
    if refused.is_empty() {
        let done = ended(told, name)? == Ending::Done;
        let seen: Ways = cluster
            .hosts
            .iter()
            .filter_map(|host| ways.get_key_value(host))
            .map(|(host, way)| (host.clone(), way.clone()))
            .collect();
        return match seen == own && done == whole {
            true => Ok(()),
            false => Err(format!("{name} should go {own:?}, whole: {whole}")),
        };
    }
    for host in &cluster.hosts {
        let seen = ways.get(host).map_or(&[][..], Vec::as_slice);
        let seen = if refused.contains(host) {
            &seen[..seen.len() - 1]
        } else {
            seen
        };
        let own = own.get(host).map_or(&[][..], Vec::as_slice);
        if !own.starts_with(seen) {
            return Err(format!("{host} should go a part of {own:?}"));
        }
    }
    let mut others = scene.clusters.iter().filter(|it| scene.are_partners(cluster, it));
    let grief = others.any(|it| !foretell(scene, it).1);
    match grief && ended(told, name)? != Ending::Done {
        true => Ok(()),
        false => Err(format!("{name} was refused a restart for nothing")),
    }
}

/// Hosts of the cluster that were refused their turn.
fn refusals(told: &Told, cluster: &Cluster) -> Vec<String> {
    let of = |kind: &EventKind| match kind {
        EventKind::TaskFinished {
            host,
            failure: Some(failure),
            ..
        } if failure.kind == FailureKind::Turn && cluster.hosts.contains(host) => Some(host.clone()),
        _ => None,
    };
    told.events.iter().filter_map(|event| of(&event.kind)).collect()
}

fn ended(told: &Told, name: &str) -> Result<Ending, String> {
    let of = |kind: &EventKind| match kind {
        EventKind::LaneFinished { lane, ending } if lane == name => Some(ending.clone()),
        _ => None,
    };
    let found = told.events.iter().find_map(|event| of(&event.kind));
    found.ok_or_else(|| format!("{name} did not end"))
}
