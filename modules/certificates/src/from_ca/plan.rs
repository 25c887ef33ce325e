//! Deciding who is asked for what.

use cutover_kit::{Made, Map, Plan, Value};
use cutover_x509::matching::Sorted;
use cutover_x509::{Certificate, Chain, ChainError};
use jiff::Timestamp;

use super::look::{Asked, Facts};
use super::{Args, Step};
use crate::ca::Signer;

pub(super) fn plan(args: &Args, facts: &Facts) -> Plan<Step> {
    let sorted = facts.folder.sort(facts);
    let mut steps: Vec<Step> = Vec::new();
    let mut by_hand = Vec::new();
    for asked in &facts.asked {
        if let Some(leaf) = answer(&sorted, asked) {
            let bundle = bundle(asked, leaf, &sorted.authorities, facts.now);
            if bundle.is_ok_and(|text| facts.folder.file(&file(asked)) != Some(text.as_bytes())) {
                steps.push(Step::Bundle(asked.slot.clone()));
            }
            continue;
        }
        match &asked.signer {
            Signer::Ours(spec) => steps.push(Step::Sign(asked.slot.clone(), spec.name.clone())),
            Signer::Command(command) => ask(&mut steps, command, asked),
            Signer::Hand => by_hand.push(&asked.slot),
        }
    }
    let later = facts.later.iter().map(|(slot, _)| slot);
    let made = steps.iter().flat_map(Step::slots).chain(by_hand.iter().copied());
    let files = made
        .chain(later)
        .map(|slot| Made::File(slot.bundle(&args.signed_dir)));
    let makes: Vec<_> = files.collect();
    let mut plan = Plan::of(steps, why(facts, by_hand.len()))
        .with(summary(facts))
        .with(facts.foreseen.clone())
        .making(makes);
    plan.later = facts.later.first().map(|(_, later)| later.clone());
    plan
}

/// One question to a command stands for all slots that it is to answer.
fn ask(steps: &mut Vec<Step>, command: &[String], asked: &Asked) {
    let slot = asked.slot.clone();
    let same = steps.iter_mut().find_map(|step| match step {
        Step::Ask(known, slots) if known == command => Some(slots),
        _ => None,
    });
    match same {
        Some(slots) => slots.push(slot),
        None => steps.push(Step::Ask(command.to_vec(), vec![slot])),
    }
}

/// The certificate that answers the request, where one came back.
pub(super) fn answer<'a>(sorted: &'a Sorted, asked: &Asked) -> Option<&'a Certificate> {
    let stem = asked.slot.stem();
    let found = sorted.answers.iter().find(|answer| answer.name == stem);
    found.map(|answer| &answer.found.certificate)
}

/// The content of a slot's file: the certificate, its intermediates, its root.
///
/// A chain that is whole but out of date is still written: the check says what is wrong with it.
pub(super) fn bundle(
    asked: &Asked,
    leaf: &Certificate,
    offered: &[Certificate],
    now: Timestamp,
) -> Result<String, ChainError> {
    let built = Chain::build(leaf, offered, &asked.ca, asked.device.clock(now));
    match built {
        Ok(chain) => Ok(chain.to_pem()),
        Err(error) => error.chain().map(Chain::to_pem).ok_or(error),
    }
}

/// The name of a slot's file.
pub(super) fn file(asked: &Asked) -> String {
    format!("{}.pem", asked.slot.stem())
}

fn why(facts: &Facts, by_hand: usize) -> String {
    let (asked, later) = (facts.asked.len(), facts.later.len());
    let requests = |count| match count {
        1 => "1 request".to_owned(),
        more => format!("{more} requests"),
    };
    match (asked, later) {
        (0, 0) => "no slot has a request: nothing to sign".to_owned(),
        (0, later) => format!("{} still to be made", requests(later)),
        _ if by_hand > 0 => format!("{by_hand} of {} for people to sign", requests(asked)),
        (asked, 0) => requests(asked),
        (asked, later) => format!("{}, and {later} still to be made", requests(asked)),
    }
}

fn summary(facts: &Facts) -> Map {
    let settled = facts.settled.iter().map(|(slot, why)| {
        Value::map([
            ("host", Value::from(slot.host.as_str())),
            ("unit", slot.unit.as_str().into()),
            ("why", why.as_str().into()),
        ])
    });
    let settled = Value::List(settled.collect());
    Map::from_iter([("nothing_to_sign".to_owned(), settled)])
}
