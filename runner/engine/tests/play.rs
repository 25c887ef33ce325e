//! Plays of pretended hosts on virtual time: what keywords mean, with whole stories.

#[path = "play/calling.rs"]
mod calling;
#[path = "play/facts.rs"]
mod facts;
#[path = "play/failing.rs"]
mod failing;
#[path = "play/fakes.rs"]
mod fakes;
#[path = "play/growing.rs"]
mod growing;
#[path = "play/lanes/mod.rs"]
mod lanes;
#[path = "play/leaving.rs"]
mod leaving;
#[path = "play/looping.rs"]
mod looping;
#[path = "play/pacing.rs"]
mod pacing;
#[path = "play/reaching.rs"]
mod reaching;
#[path = "play/schedule/mod.rs"]
mod schedule;
#[path = "play/secrecy.rs"]
mod secrecy;
#[path = "play/stage.rs"]
mod stage;
#[path = "play/undoing.rs"]
mod undoing;

use proptest::test_runner::{Config, RngSeed};

/// Sixty cases, or as many as `PROPTEST_CASES` says (`.ci/long`); the same ones each time.
fn config() -> Config {
    let wanted = std::env::var("PROPTEST_CASES").ok();
    Config {
        cases: wanted.and_then(|text| text.parse().ok()).unwrap_or(60),
        rng_seed: RngSeed::Fixed(2026),
        max_shrink_iters: 2000,
        failure_persistence: None,
        ..Config::default()
    }
}
