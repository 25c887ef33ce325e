//! Plays of pretended hosts on virtual time: what keywords mean, with whole stories.

#[path = "play/calling.rs"]
mod calling;
#[path = "play/debugging.rs"]
mod debugging;
#[path = "play/facts.rs"]
mod facts;
#[path = "play/failing.rs"]
mod failing;
#[path = "play/fakes.rs"]
mod fakes;
#[path = "play/growing.rs"]
mod growing;
#[path = "play/including.rs"]
mod including;
#[path = "play/lanes/mod.rs"]
mod lanes;
#[path = "play/leaving.rs"]
mod leaving;
#[path = "play/lever.rs"]
mod lever;
#[path = "play/looping.rs"]
mod looping;
#[path = "play/pacing.rs"]
mod pacing;
#[path = "play/reaching.rs"]
mod reaching;
#[path = "play/redoing.rs"]
mod redoing;
#[path = "play/rescuing.rs"]
mod rescuing;
#[path = "play/schedule/mod.rs"]
mod schedule;
#[path = "play/secrecy.rs"]
mod secrecy;
#[path = "play/stage.rs"]
mod stage;
#[path = "play/undoing.rs"]
mod undoing;

use proptest::test_runner::{Config, RngSeed};

/// Sixty cases, the same ones each time; or as many as `PROPTEST_CASES` says (`.ci/long`), new ones
/// each time: a long run is there to find something.
fn config() -> Config {
    let usual = Config {
        max_shrink_iters: 2000,
        failure_persistence: None,
        ..Config::default()
    };
    match std::env::var_os("PROPTEST_CASES") {
        Some(_) => usual,
        None => Config {
            cases: 60,
            rng_seed: RngSeed::Fixed(2026),
            ..usual
        },
    }
}
