//! What leaves the bus, and when it is on the disk.

use std::io;

use cutover_kit::secret::Origin;

use super::*;
use crate::clock::RealClock;

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<String>>>);

impl Sink for Lines {
    fn take(&mut self, event: &Event, line: &str) -> io::Result<()> {
        let again = serde_json::to_string(event).map_err(io::Error::other)?;
        let lines = [line.to_owned(), again];
        lock(&self.0).extend(lines);
        Ok(())
    }
}

impl Durable for Lines {
    fn sync(&mut self) -> io::Result<Trip> {
        Ok(Box::new(|| Ok(())))
    }
}

/// How many events it has, and how often it went to the disk with how many.
#[derive(Clone, Default)]
struct Disk(Arc<Mutex<(usize, Vec<usize>)>>);

impl Sink for Disk {
    fn take(&mut self, _: &Event, _: &str) -> io::Result<()> {
        lock(&self.0).0 += 1;
        Ok(())
    }
}

impl Durable for Disk {
    fn sync(&mut self) -> io::Result<Trip> {
        let disk = self.0.clone();
        let taken = lock(&disk).0;
        Ok(Box::new(move || {
            lock(&disk).1.push(taken);
            Ok(())
        }))
    }
}

#[tokio::test(start_paused = true)]
async fn what_lasts_goes_to_the_disk_with_what_comes_next_or_soon() {
    let disk = Disk::default();
    let clock = cutover_memory_twins::RuntimeClock::new(jiff::Timestamp::UNIX_EPOCH);
    let bus = Bus::new(Arc::new(clock), Secrets::default(), Vec::new());
    bus.begin(Some(Box::new(disk.clone())), EventKind::StopRequested);
    bus.emit_lastingly(EventKind::StopRequested);
    bus.emit_lastingly(EventKind::StopRequested);
    assert!(lock(&disk.0).1.is_empty());
    bus.emit_durably(EventKind::StopRequested).await.unwrap();
    assert_eq!(lock(&disk.0).1, [4]);
    bus.emit_lastingly(EventKind::StopRequested);
    tokio::time::sleep(SOON * 2).await;
    assert_eq!(lock(&disk.0).1, [4, 5]);
    tokio::time::sleep(SOON * 9).await;
    assert_eq!(lock(&disk.0).1, [4, 5]);
}

#[test]
fn a_secret_leaves_in_no_text_and_no_key_and_the_words_of_the_format_stay() {
    let secrets = Secrets::default();
    secrets.learn("warned", Origin::environment("SAME_AS_A_WORD"));
    secrets.learn("hunter22", Origin::environment("PASS"));
    let lines = Lines::default();
    let bus = Bus::new(Arc::new(RealClock::system()), secrets, Vec::new());
    let warned = EventKind::Warned {
        place: None,
        message: "hunter22 was warned".into(),
    };
    bus.emit(warned.clone());
    assert!(lock(&lines.0).is_empty());
    bus.begin(Some(Box::new(lines.clone())), EventKind::StopRequested);
    bus.emit(EventKind::Set {
        host: "fin-a".into(),
        name: "x".into(),
        value: serde_json::json!({"hunter22": ["a hunter22 b"], "hash": "hunter22", "at": {"by": "hunter22"}}),
        by: crate::event::Setter::Fact,
    });
    let said = serde_json::json!({"hash": "hunter22", "kind": {"by": "hunter22"}});
    bus.emit(EventKind::HostAdded {
        host: "fin-b".into(),
        groups: Vec::new(),
        variables: said.clone(),
    });
    bus.emit(EventKind::StatsSet {
        host: None,
        data: [
            ("status".to_owned(), said),
            ("note".to_owned(), "hunter22".into()),
        ]
        .into(),
        aggregate: false,
    });
    for line in lock(&lines.0).iter() {
        assert!(!line.contains("hunter22"), "{line}");
        let event: Event = serde_json::from_str(line).unwrap();
        if let EventKind::Warned { message, .. } = event.kind {
            assert_eq!(message, "******** was ********");
        }
    }
}
