//! Looking on: which case is at work, for how long, and how much memory the process needs.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// No case may take longer, even while the machine is busy otherwise.
const LONGEST: Duration = Duration::from_secs(20);
/// The whole process may not need more, in KiB.
const MOST_MEMORY: u64 = 1024 * 1024;

/// Shared by the workers and the thread that looks on.
#[derive(Clone)]
pub(crate) struct Watch {
    folder: PathBuf,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// When each worker began its case.
    since: Vec<Option<Instant>>,
    slowest: Duration,
}

impl Watch {
    /// Looks on from now, and keeps the cases at work in `folder`.
    pub(crate) fn begin(folder: &Path) -> Self {
        std::fs::create_dir_all(folder).expect("the folder for cases can be made");
        let watch = Self {
            folder: folder.to_owned(),
            state: Arc::default(),
        };
        let looking = watch.clone();
        std::thread::spawn(move || {
            loop {
                std::thread::sleep(Duration::from_millis(250));
                looking.look();
            }
        });
        watch
    }

    /// `worker` begins with `text`.
    pub(crate) fn start(&self, worker: usize, text: &str) {
        std::fs::write(self.case(worker), text).expect("a case can be written");
        self.with(|state| {
            if state.since.len() <= worker {
                state.since.resize(worker + 1, None);
            }
            state.since[worker] = Some(Instant::now());
        });
    }

    /// `worker` is done with its case.
    pub(crate) fn stop(&self, worker: usize) {
        self.with(|state| {
            let began = state.since[worker].take();
            let took = began.map_or(Duration::ZERO, |began| began.elapsed());
            if took > state.slowest {
                state.slowest = took;
                // Only for whoever wants to look at it.
                let _ = std::fs::copy(self.case(worker), self.folder.join("slowest"));
            }
        });
    }

    /// How long the slowest case took.
    pub(crate) fn slowest(&self) -> Duration {
        self.with(|state| state.slowest)
    }

    /// The most memory that the process has needed, in KiB.
    pub(crate) fn memory(&self) -> u64 {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let number = peak.and_then(|peak| peak.split_whitespace().next());
        number.and_then(|number| number.parse().ok()).unwrap_or(0)
    }

    /// Ends the process with the case that is at fault.
    pub(crate) fn give_up(&self, why: &str, worker: usize) -> ! {
        println!("{why}: {}", self.case(worker).display());
        std::process::exit(1);
    }

    fn look(&self) {
        let slow = |since: &Option<Instant>| since.is_some_and(|since| since.elapsed() > LONGEST);
        if let Some(worker) = self.with(|state| state.since.iter().position(slow)) {
            self.give_up("it takes too long", worker);
        }
        if self.memory() > MOST_MEMORY {
            let busy = self.with(|state| state.since.iter().position(Option::is_some));
            self.give_up("this or another one needs too much memory", busy.unwrap_or(0));
        }
    }

    fn case(&self, worker: usize) -> PathBuf {
        self.folder.join(format!("case-{worker}"))
    }

    fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
