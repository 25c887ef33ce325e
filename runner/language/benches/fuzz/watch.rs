//! Looking on: which case is at work, for how long, and how much memory the process needs.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// No case may keep a processor busy for longer; how busy the machine is otherwise does not count.
const LONGEST: Duration = Duration::from_secs(10);
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
    /// Since when each worker is at its case.
    since: Vec<Option<Busy>>,
    slowest: Duration,
}

/// A thread, and how long it had worked at some moment.
struct Busy {
    /// Where the system tells how long it has worked.
    told: PathBuf,
    before: Duration,
    /// Where it does not.
    since: Instant,
}

impl Busy {
    /// This thread, now.
    fn now() -> Self {
        let task = std::fs::read_link("/proc/thread-self").unwrap_or_default();
        let told = Path::new("/proc").join(task).join("schedstat");
        Self {
            before: worked(&told).unwrap_or_default(),
            told,
            since: Instant::now(),
        }
    }

    /// How long it has worked since then.
    fn worked(&self) -> Duration {
        let now = worked(&self.told);
        now.map_or_else(|| self.since.elapsed(), |now| now.saturating_sub(self.before))
    }
}

fn worked(told: &Path) -> Option<Duration> {
    let told = std::fs::read_to_string(told).ok()?;
    let nanoseconds = told.split_whitespace().next()?.parse().ok()?;
    Some(Duration::from_nanos(nanoseconds))
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
                state.since.resize_with(worker + 1, || None);
            }
            state.since[worker] = Some(Busy::now());
        });
    }

    /// `worker` is done with its case.
    pub(crate) fn stop(&self, worker: usize) {
        self.with(|state| {
            let began = state.since[worker].take();
            let took = began.map_or(Duration::ZERO, |began| began.worked());
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
        let slow = |since: &Option<Busy>| since.as_ref().is_some_and(|since| since.worked() > LONGEST);
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
