//! Playbooks and inventories that nobody would write, read for a given time.
//!
//! Each case is a file of the corpus with some damage done to it, read as a playbook (and checked,
//! and its faults rendered) and as an inventory. Nothing may panic, keep a processor busy for more
//! than a few seconds or need much memory; what is wrong has to come out as diagnostics.
//!
//!     cargo bench -p cutover-language --bench fuzz -- --seconds 600 --seed 1 --save docs/long-runs.md
//!
//! The case at work stands in `target/tmp/fuzz`, so that even one that ends the process can be looked at,
//! and the slowest one beside it.

mod corpus;
mod mutate;
mod read;
mod watch;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::corpus::Corpus;
use crate::watch::Watch;

/// What was asked for.
struct Options {
    seconds: u64,
    seed: u64,
    save: Option<String>,
}

fn main() {
    let options = options();
    let corpus = Corpus::gather();
    let watch = Watch::begin(Path::new(concat!(env!("CARGO_TARGET_TMPDIR"), "/fuzz")));
    let until = Instant::now() + Duration::from_secs(options.seconds);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let workers: Vec<_> = (0..threads)
        .map(|worker| {
            let (corpus, watch) = (corpus.clone(), watch.clone());
            let mut chance = fastrand::Rng::with_seed(options.seed + worker as u64);
            std::thread::spawn(move || work(worker, &corpus, &watch, &mut chance, until))
        })
        .collect();
    let mut tally = read::Tally::default();
    for worker in workers {
        tally.add(&worker.join().expect("a worker only ends by itself"));
    }
    let told = format!(
        "{} files in {} s from {} seeds (seed {}): {} read without a fault, {} with faults, slowest {:.0} ms, \
         most memory {} MB, no panic, no hang",
        tally.files,
        options.seconds,
        corpus.len(),
        options.seed,
        tally.good,
        tally.files - tally.good,
        watch.slowest().as_secs_f64() * 1000.0,
        watch.memory() / 1024,
    );
    println!("{told}");
    if let Some(path) = &options.save {
        save(path, &told);
    }
}

/// Damages files and reads them until the time is over.
fn work(
    worker: usize,
    corpus: &Corpus,
    watch: &Watch,
    chance: &mut fastrand::Rng,
    until: Instant,
) -> read::Tally {
    let mut tally = read::Tally::default();
    while Instant::now() < until {
        let text = mutate::damaged(corpus, chance);
        watch.start(worker, &text);
        let result = catch_unwind(AssertUnwindSafe(|| read::every_way(&text)));
        watch.stop(worker);
        match result {
            Ok(good) => tally.count(good),
            Err(_) => watch.give_up("it panics", worker),
        }
    }
    tally
}

fn options() -> Options {
    let mut options = Options {
        seconds: 10,
        seed: 1,
        save: None,
    };
    let mut words = std::env::args().skip(1).filter(|word| word != "--bench");
    while let Some(word) = words.next() {
        let value = words.next().unwrap_or_default();
        match word.as_str() {
            "--seconds" => options.seconds = value.parse().expect("--seconds takes a number"),
            "--seed" => options.seed = value.parse().expect("--seed takes a number"),
            "--save" => options.save = Some(value),
            other => panic!("unknown option {other}"),
        }
    }
    options
}

/// Writes the figure under its heading; the rest of the page stays.
fn save(path: &str, told: &str) {
    const HEADING: &str = "## Files that nobody would write\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
    let page = std::fs::read_to_string(&path).unwrap_or_else(|_| "# Long runs\n".to_owned());
    let before = page.split(HEADING).next().unwrap_or_default().trim_end();
    let after = page
        .split_once(HEADING)
        .and_then(|(_, rest)| rest.split_once("\n## "));
    let after = after.map_or(String::new(), |(_, rest)| format!("\n## {rest}"));
    let text =
        format!("{before}\n\n{HEADING}\n`cargo bench -p cutover-language --bench fuzz`: {told}.\n{after}");
    std::fs::write(&path, text).expect("the page can be written");
}
