//! Finding the requests, what came back, and what the hosts hold today.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;

use cutover_kit::{Failure, FailureKind, Host, Known, Later, Map, Reach, Read};
use cutover_x509::matching::{self, Returned, Sorted, Waiting};
use cutover_x509::{Certificate, Request, read_request};
use jiff::Timestamp;

use super::{Args, prove};
use crate::ca::{self, Signer};
use crate::device::{self, Device};
use crate::each::each;
use crate::slot::Slot;

/// What look found.
#[derive(Debug)]
pub struct Facts {
    /// The moment of looking.
    pub(super) now: Timestamp,
    /// Slots with a request that is to be answered.
    pub(super) asked: Vec<Asked>,
    /// Slots with nothing to sign, and why.
    pub(super) settled: Vec<(Slot, String)>,
    /// Slots whose request an earlier step will make.
    pub(super) later: Vec<(Slot, Later)>,
    /// Hosts whose request cannot be used.
    pub(super) broken: BTreeMap<String, Failure>,
    /// Requests in the same folder that are not asked about now, by the names of their files.
    pub(super) bystanders: Vec<(String, Request)>,
    /// What came back so far.
    pub(super) folder: Folder,
    /// What commands said that failed, by the command.
    pub(super) refused: Mutex<Vec<(Vec<String>, Failure)>>,
    /// What a check run can say beforehand, as fields of the result.
    pub(super) foreseen: Map,
}

/// A request that is to be answered.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) slot: Slot,
    pub(super) request: Request,
    pub(super) signer: Signer,
    /// The certificates of the CA, as far as the site names them.
    pub(super) ca: Vec<Certificate>,
    pub(super) device: Device,
}

/// The files of a folder.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Folder(Vec<(String, Vec<u8>)>);

impl Folder {
    /// Reads all files but requests; those that an earlier step of a check run would make are left out.
    pub(super) fn read<A>(reach: &Reach<A>, folder: &Path) -> Result<Self, Failure> {
        let mut files = Vec::new();
        for name in reach.list(folder)? {
            if name.starts_with('.') || Path::new(&name).extension().is_some_and(|it| it == "csr") {
                continue;
            }
            if let Known::Now(bytes) = reach.read(&folder.join(&name))? {
                files.push((name, bytes));
            }
        }
        Ok(Self(files))
    }

    /// The content of a file.
    pub(super) fn file(&self, name: &str) -> Option<&[u8]> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map(|(_, bytes)| bytes.as_slice())
    }

    /// Matches what lies here to the requests of `facts`, by their keys.
    pub(super) fn sort(&self, facts: &Facts) -> Sorted {
        let files: Vec<_> = self
            .0
            .iter()
            .map(|(name, bytes)| Returned { name, bytes })
            .collect();
        let asked: Vec<_> = facts
            .asked
            .iter()
            .map(|asked| (asked.slot.stem(), &asked.request))
            .collect();
        let waiting: Vec<_> = asked
            .iter()
            .map(|(name, request)| Waiting { name, request })
            .chain(
                facts
                    .bystanders
                    .iter()
                    .map(|(name, request)| Waiting { name, request }),
            )
            .collect();
        matching::sort(&files, &waiting)
    }
}

/// One slot and what stands in its request's file.
enum Found {
    Asked(Box<Asked>),
    Settled(Slot, String),
    Later(Slot, Later),
    Broken(Slot, Failure),
}

pub(super) async fn look(args: &Args, reach: &Reach<Read>) -> Result<Facts, Failure> {
    let slots = slots(args, reach)?;
    let readings = each(reach, slots.clone(), {
        let args = args.clone();
        move |reach, slot| {
            let args = args.clone();
            async move { find(&args, &reach, slot).await }
        }
    });
    let mut facts = Facts {
        now: reach.clock().now(),
        asked: Vec::new(),
        settled: Vec::new(),
        later: Vec::new(),
        broken: BTreeMap::new(),
        bystanders: bystanders(args, reach, &slots)?,
        folder: Folder::read(reach, &args.signed_dir)?,
        refused: Mutex::default(),
        foreseen: Map::new(),
    };
    for found in readings.await? {
        match found? {
            Found::Asked(asked) => facts.asked.push(*asked),
            Found::Settled(slot, why) => facts.settled.push((slot, why)),
            Found::Later(slot, later) => facts.later.push((slot, later)),
            Found::Broken(slot, failure) => drop(facts.broken.insert(slot.host, failure)),
        }
    }
    if reach.checking() {
        facts.foreseen = prove::foresee(args, &facts, reach).await?;
    }
    Ok(facts)
}

fn slots(args: &Args, reach: &Reach<Read>) -> Result<Vec<Slot>, Failure> {
    let mut slots = Vec::new();
    for name in reach.hosts() {
        let host = known(reach, &name)?;
        let units = args.units.as_ref().unwrap_or(&host.units);
        slots.extend(units.iter().map(|unit| Slot::new(&name, unit)));
    }
    Ok(slots)
}

fn known<'a, A>(reach: &'a Reach<A>, name: &str) -> Result<&'a Host, Failure> {
    reach
        .estate()
        .host(name)
        .ok_or_else(|| Failure::new(FailureKind::Internal, format!("{name} is not in the inventory")))
}

async fn find(args: &Args, reach: &Reach<Read>, slot: Slot) -> Result<Found, Failure> {
    let path = slot.request(&args.csr_dir);
    let bytes = match reach.read(&path)? {
        Known::Now(bytes) => bytes,
        Known::Later(later) => return Ok(Found::Later(slot, later)),
        Known::Absent => return Ok(Found::Settled(slot, "no request: nothing to sign".to_owned())),
    };
    let request = match read_request(&bytes) {
        Ok(request) => request,
        Err(error) => {
            let message = format!("the request of {slot}, {}: {error}", path.display());
            let hint = "make it again: remove the file and run the request's step";
            return Ok(Found::Broken(
                slot,
                Failure::new(FailureKind::Preflight, message).hint(hint),
            ));
        }
    };
    let host = known(reach, &slot.host)?;
    let ca = match ca::chain(reach, host) {
        Ok(ca) => ca,
        Err(failure) => return Ok(Found::Broken(slot, failure)),
    };
    let device = device::read(reach, &slot).await;
    if is_installed(&request, &device) {
        let why = "its certificate is installed, and not due".to_owned();
        return Ok(Found::Settled(slot, why));
    }
    Ok(Found::Asked(Box::new(Asked {
        slot,
        request,
        signer: Signer::of(host),
        ca,
        device,
    })))
}

/// A request stays in its folder when its certificate is installed. Nobody is asked to sign it
/// again while that certificate need not be replaced.
fn is_installed(request: &Request, device: &Device) -> bool {
    let installed = device.installed.as_ref();
    let same = installed.is_some_and(|one| one.public_key.sha256 == request.public_key.sha256);
    same && device.due == Some(false)
}

/// Requests that other hosts of the folder wait with; their answers are no strangers.
fn bystanders(args: &Args, reach: &Reach<Read>, slots: &[Slot]) -> Result<Vec<(String, Request)>, Failure> {
    let asked: Vec<_> = slots.iter().map(|slot| slot.request(&args.csr_dir)).collect();
    let mut others = Vec::new();
    for name in reach.list(&args.csr_dir)? {
        let path = args.csr_dir.join(&name);
        if asked.contains(&path) || path.extension().is_none_or(|it| it != "csr") {
            continue;
        }
        if let Known::Now(bytes) = reach.read(&path)?
            && let Ok(request) = read_request(&bytes)
        {
            others.push((name, request));
        }
    }
    Ok(others)
}
