//! The scheduler against a model: which tasks run on which hosts, in which order, side by side
//! with whom, and how that ends.

mod chance;
mod model;
mod render;
mod scene;
mod settle;
mod trace;
mod walk;

use proptest::prelude::*;

use crate::stage::Stage;
use scene::{Item, Scene, Strategy, Task};
use trace::Trace;

proptest! {
    #![proptest_config(crate::config())]

    #[test]
    fn hosts_go_through_plays_as_the_contract_says(scene in chance::scene()) {
        agree(&scene)?;
    }
}

/// Runs the scene and compares with what was foretold.
fn agree(scene: &Scene) -> Result<(), TestCaseError> {
    let mut stage = Stage::of(scene.inventory(), scene.playbook());
    stage.options.forks = scene.forks;
    let told = stage.run();
    let seen = told.trace(|task, host| scene.seconds(task, host));
    let foretold = model::foretell(scene);
    let story = format!(
        "\n{}\nseen:\n{}\nforetold:\n{}",
        scene.playbook(),
        seen.story(),
        foretold.story()
    );
    for (seen, foretold) in seen.batches.iter().zip(&foretold.batches) {
        prop_assert_eq!(
            (seen.play, &seen.hosts),
            (foretold.play, &foretold.hosts),
            "{}",
            story
        );
        match scene.plays[seen.play].strategy {
            Strategy::Linear => prop_assert!(seen.in_step() == foretold.in_step(), "{}", story),
            Strategy::Free | Strategy::HostPinned => {
                prop_assert!(seen.by_host() == foretold.by_host(), "{}", story);
            }
        }
        prop_assert!(seen.most_at_once(|_| true) <= scene.forks, "forks: {}", story);
        for task in scene.tasks() {
            let most = task.throttle.unwrap_or(usize::MAX);
            prop_assert!(
                seen.most_at_once(|it| it.task == task.name) <= most,
                "{}: {}",
                task.name,
                story
            );
        }
    }
    let without_ways = |trace: &Trace| {
        let batches: Vec<_> = trace
            .batches
            .iter()
            .map(|it| (it.play, it.hosts.clone()))
            .collect();
        (batches, trace.counts.clone(), trace.exit)
    };
    prop_assert!(without_ways(&seen) == without_ways(&foretold), "{}", story);
    Ok(())
}

impl Scene {
    fn tasks(&self) -> Vec<&Task> {
        let mut found = Vec::new();
        for play in &self.plays {
            for items in [&play.pre_tasks, &play.tasks, &play.post_tasks] {
                collect(items, &mut found);
            }
            found.extend(&play.handlers);
        }
        found
    }

    /// How long the task of this name takes on the host of this name.
    fn seconds(&self, task: &str, host: &str) -> u64 {
        let place = (0..self.hosts).find(|place| Self::host(*place) == host);
        let task = self.tasks().into_iter().find(|it| it.name == task);
        match (task, place) {
            (Some(task), Some(place)) => task.act(place).seconds,
            _ => 0,
        }
    }
}

fn collect<'a>(items: &'a [Item], found: &mut Vec<&'a Task>) {
    for item in items {
        match item {
            Item::Task(task) => found.push(task),
            Item::Flush => {}
            Item::Block(block) => {
                for items in [&block.tasks, &block.rescue, &block.always] {
                    collect(items, found);
                }
            }
        }
    }
}
