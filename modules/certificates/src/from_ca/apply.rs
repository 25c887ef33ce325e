//! Having requests signed, and putting answers where later steps look for them.

use std::path::Path;

use cutover_kit::secret::Origin;
use cutover_kit::session::{Exec, Executed};
use cutover_kit::{Applied, Failure, FailureKind, Reach, Secret, Write};
use cutover_x509::authority::{Profile, Spec, store};
use cutover_x509::{Certificate, read_certificates};

use super::look::{Asked, Facts, Folder};
use super::{Args, Step, plan};
use crate::ca::{self, Signer};
use crate::slot::Slot;

pub(super) async fn apply(
    args: &Args,
    facts: &Facts,
    step: &Step,
    reach: &Reach<Write>,
) -> Result<Applied, Failure> {
    match step {
        Step::Sign(slot, _) => sign(args, asked(facts, slot)?, reach)?,
        Step::Ask(command, slots) => ask(args, facts, command, slots, reach).await?,
        Step::Bundle(slot) => bundle(args, facts, std::slice::from_ref(slot), reach)?,
    }
    Ok(Applied::default())
}

fn asked<'a>(facts: &'a Facts, slot: &Slot) -> Result<&'a Asked, Failure> {
    let found = facts.asked.iter().find(|asked| asked.slot == *slot);
    found.ok_or_else(|| {
        Failure::new(
            FailureKind::Internal,
            format!("{slot} did not ask for a certificate"),
        )
    })
}

fn sign(args: &Args, asked: &Asked, reach: &Reach<Write>) -> Result<(), Failure> {
    let Signer::Ours(spec) = &asked.signer else {
        return Err(Failure::new(
            FailureKind::Internal,
            format!("no CA of ours signs for {}", asked.slot),
        ));
    };
    let chain = signed(spec, asked, reach)?;
    let text: String = chain.iter().map(Certificate::to_pem).collect();
    reach.write(&asked.slot.bundle(&args.signed_dir), text.as_bytes())
}

/// The certificate, then the CA's own, root last.
fn signed(spec: &Spec, asked: &Asked, reach: &Reach<Write>) -> Result<Vec<Certificate>, Failure> {
    let now = reach.clock().now();
    let mut random = |bytes: &mut [u8]| {
        let drawn = reach.random(bytes.len()).map_err(|failure| failure.message)?;
        bytes.copy_from_slice(&drawn);
        Ok(())
    };
    let authority = store::load_or_create(&ca::folder(reach), spec, now, &mut random)
        .map_err(|error| refused(&asked.slot, spec, &error))?;
    let leaf = authority
        .sign(&asked.request, &Profile::default(), now, &mut random)
        .map_err(|error| refused(&asked.slot, spec, &error))?;
    let issuers = authority.chain().iter().rev().cloned();
    Ok(std::iter::once(leaf).chain(issuers).collect())
}

fn refused(slot: &Slot, spec: &Spec, error: &dyn std::error::Error) -> Failure {
    let message = format!("the CA {} did not sign for {slot}: {error}", spec.name);
    let source = error.source().map(ToString::to_string);
    Failure::new(FailureKind::Refused, message).seen_all(source)
}

/// Asks the site's command. Where it fails, its words are kept for the hosts that wait for it, and
/// the others go on.
async fn ask(
    args: &Args,
    facts: &Facts,
    command: &[String],
    slots: &[Slot],
    reach: &Reach<Write>,
) -> Result<(), Failure> {
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let mut argv = command.to_vec();
    argv.extend([text(&args.csr_dir), text(&args.signed_dir)]);
    let waiting: String = slots
        .iter()
        .map(|slot| format!("{}\n", text(&slot.request(&args.csr_dir))))
        .collect();
    let exec = Exec {
        stdin: Some(Secret::new(waiting, Origin::Argument)),
        ..Exec::default()
    };
    let failure = match reach.run(&argv, None, &exec).await {
        Ok(executed) if executed.status == Some(0) => None,
        Ok(executed) => Some(unsuccessful(command, &executed)),
        Err(failure) => Some(failure),
    };
    if let Some(failure) = failure {
        let mut refused = facts
            .refused
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        refused.push((command.to_vec(), failure));
    }
    bundle(args, facts, slots, reach)
}

fn unsuccessful(command: &[String], executed: &Executed) -> Failure {
    let ended = match executed.status {
        Some(status) => format!("ended with {status}"),
        None => "was ended by a signal".to_owned(),
    };
    let said = [&executed.stderr, &executed.stdout]
        .into_iter()
        .flat_map(|bytes| {
            String::from_utf8_lossy(bytes)
                .lines()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
        .filter(|line| !line.trim().is_empty())
        .take(20);
    let message = format!(
        "ca_command {ended}: {}",
        command.first().map_or("", String::as_str)
    );
    Failure::new(FailureKind::Refused, message).seen_all(said)
}

/// Writes the files of those slots for which an answer with a whole chain has come.
fn bundle(args: &Args, facts: &Facts, slots: &[Slot], reach: &Reach<Write>) -> Result<(), Failure> {
    let folder = Folder::read(reach, &args.signed_dir)?;
    let sorted = folder.sort(facts);
    for slot in slots {
        let asked = asked(facts, slot)?;
        let Some(leaf) = plan::answer(&sorted, asked) else {
            continue;
        };
        if let Ok(text) = plan::bundle(asked, leaf, &sorted.authorities, facts.now) {
            keep(args, facts, &folder, asked, reach)?;
            reach.write(&slot.bundle(&args.signed_dir), text.as_bytes())?;
        }
    }
    Ok(())
}

/// A CA may have named one host's answer like another's. What a file is about to lose and another
/// request waits for is first kept under a name of its own, so that no answer is lost on the way.
fn keep(
    args: &Args,
    facts: &Facts,
    folder: &Folder,
    asked: &Asked,
    reach: &Reach<Write>,
) -> Result<(), Failure> {
    let Some(bytes) = folder.file(&plan::file(asked)) else {
        return Ok(());
    };
    let waited_for = |one: &Certificate| {
        let mut others = facts.asked.iter().filter(|other| other.slot != asked.slot);
        others.any(|other| other.request.public_key.sha256 == one.public_key.sha256)
    };
    let held = read_certificates(bytes).unwrap_or_default();
    match held.iter().find(|one| waited_for(one)) {
        Some(other) => {
            let name = format!("{:.16}.pem", other.fingerprint.to_string());
            reach.write(&args.signed_dir.join(name), bytes)
        }
        None => Ok(()),
    }
}
