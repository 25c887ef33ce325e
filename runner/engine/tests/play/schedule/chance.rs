//! Scenes by chance.

use std::ops::Range;

use proptest::collection::{btree_map, vec};
use proptest::option::{of, weighted};
use proptest::prelude::*;
use proptest::strategy::Strategy as Chance;

use super::scene::{Act, Block, End, Item, NAMES, Order, Play, Scene, Share, Strategy, Task};

/// Any scene of a size at which a person can still follow what went wrong.
pub(crate) fn scene() -> impl Chance<Value = Scene> {
    (1..=NAMES.len(), 1..6_usize, vec(play(), 1..3)).prop_map(|(hosts, forks, plays)| {
        let mut scene = Scene { hosts, forks, plays };
        scene.settle();
        scene
    })
}

fn play() -> impl Chance<Value = Play> {
    let strategy = prop_oneof![
        4 => Just(Strategy::Linear),
        1 => Just(Strategy::Free),
        1 => Just(Strategy::HostPinned),
    ];
    let order = prop_oneof![
        Just(Order::Inventory),
        Just(Order::ReverseInventory),
        Just(Order::Sorted),
        Just(Order::ReverseSorted),
    ];
    let share = prop_oneof![
        (1..8_usize).prop_map(Share::Hosts),
        (1..101_usize).prop_map(Share::Percent),
    ];
    let keywords = (
        strategy,
        order,
        vec(share, 0..3),
        prop::bool::weighted(0.2),
        weighted(0.2, 0..100_u8),
    );
    let sections = (items(0..2), items(1..5), items(0..2), vec(task(), 0..4));
    (keywords, sections).prop_map(|(keywords, sections)| {
        let (strategy, order, serial, any_errors_fatal, max_fail_percentage) = keywords;
        let (pre_tasks, tasks, post_tasks, handlers) = sections;
        Play {
            strategy,
            order,
            serial,
            any_errors_fatal,
            max_fail_percentage,
            pre_tasks,
            tasks,
            post_tasks,
            handlers,
        }
    })
}

fn items(count: Range<usize>) -> impl Chance<Value = Vec<Item>> {
    let single = prop_oneof![6 => task().prop_map(Item::Task), 1 => Just(Item::Flush)];
    let item = single.prop_recursive(2, 12, 3, |inner| {
        let block = (
            weighted(0.1, any::<bool>()),
            vec(inner.clone(), 1..4),
            vec(inner.clone(), 0..3),
            vec(inner, 0..3),
        );
        block.prop_map(|(any_errors_fatal, tasks, rescue, always)| {
            Item::Block(Block {
                any_errors_fatal,
                tasks,
                rescue,
                always,
            })
        })
    });
    vec(item, count)
}

fn task() -> impl Chance<Value = Task> {
    let usual = prop_oneof![3 => Just(End::Ok), 1 => Just(End::Changed)];
    let single = prop_oneof![
        2 => Just(End::Ok),
        2 => Just(End::Changed),
        1 => Just(End::Skipped),
        3 => Just(End::Failed),
        1 => Just(End::Unreachable),
    ];
    let act = |(end, seconds)| Act { end, seconds };
    (
        (usual, 1..4_u64).prop_map(act),
        btree_map(0..NAMES.len(), (single, 1..9_u64).prop_map(act), 0..3),
        (
            prop::bool::weighted(0.1),
            prop::bool::weighted(0.05),
            prop::bool::weighted(0.1),
        ),
        weighted(0.1, any::<bool>()),
        of(1..4_usize),
        vec(0..4_usize, 0..3),
    )
        .prop_map(|(usual, on, flags, any_errors_fatal, throttle, notify)| Task {
            name: String::new(),
            usual,
            on,
            ignore_errors: flags.0,
            ignore_unreachable: flags.1,
            run_once: flags.2,
            any_errors_fatal,
            throttle,
            notify,
        })
}
