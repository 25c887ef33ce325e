//! Taking a turn: wait for it, then look at every other member at that moment.

use std::collections::BTreeMap;
use std::sync::Arc;

use cutover_kit::{AnyTask, Failure, FailureKind, Host, Reach};

use super::devices::Standing;
use super::ground::TaskGround;
use super::turns::{Asking, keys};
use crate::event::{Cause, EventKind, Section};

/// Takes the turn of the task's host, or says why it must not be taken.
pub(super) async fn take_turn(
    ground: &Arc<TaskGround>,
    order: usize,
    task: &dyn AnyTask,
) -> Result<(), Failure> {
    let world = &ground.world;
    let host = &ground.way.host;
    let keys = keys(host);
    ground.place.step_back().await;
    let told = |holder: &str| {
        world.set_busy(&host.name, Some(format!("waits for its turn after {holder}")));
        let cause = Cause::Turn {
            host: host.name.clone(),
            holder: holder.to_owned(),
        };
        world.bus.emit(EventKind::LaneWaiting {
            lane: host.cluster.clone(),
            cause,
        });
    };
    let asking = Asking {
        host: &host.name,
        owner: &ground.walker,
        lane: &host.cluster,
        order,
        keys: &keys,
    };
    let taken = world.turns.take(asking, told).await;
    ground.place.enter().await;
    if let Err(holder) = taken {
        let message = format!(
            "{} stays in service: {holder} was taken out by the same task and is not given back",
            host.name
        );
        return Err(Failure::new(FailureKind::Turn, message)
            .hint("take one member after the other: as hosts of the play, in a phase of their own"));
    }
    let looked = match world.keep_others_away(host) {
        Ok(()) => look_at_partners(ground, task).await,
        Err(failure) => Err(failure),
    };
    match looked {
        Ok(looked) => {
            world.bus.emit(EventKind::TurnTaken {
                host: host.name.clone(),
                of: keys,
                looked,
            });
            Ok(())
        }
        Err(failure) => {
            world.give_turn_back(&host.name);
            Err(failure)
        }
    }
}

async fn look_at_partners(
    ground: &Arc<TaskGround>,
    task: &dyn AnyTask,
) -> Result<BTreeMap<String, String>, Failure> {
    let mut looked = BTreeMap::new();
    for partner in ground.estate.partners(&ground.way.host) {
        let standing = look_at(ground, partner, task).await?;
        looked.insert(partner.name.clone(), standing);
    }
    // Looking takes time, in which the lane of one that was in service may have stopped.
    for partner in ground.estate.partners(&ground.way.host) {
        if lane_stopped(ground, partner).is_some() {
            let standing = look_at(ground, partner, task).await?;
            looked.insert(partner.name.clone(), standing);
        }
    }
    Ok(looked)
}

/// Why the lane of a partner stopped. Who rolls back looks at the others of its own lane, which has
/// stopped as a whole.
fn lane_stopped(ground: &TaskGround, partner: &Host) -> Option<String> {
    let own = ground.task.section == Section::Rollback && partner.cluster == ground.way.host.cluster;
    ground.world.turns.why_stopped(&partner.name).filter(|_| !own)
}

/// As the task itself can tell by what it interrupts, else as the product tells.
async fn standing(ground: &Arc<TaskGround>, partner: &Host, task: &dyn AnyTask) -> Result<Standing, Failure> {
    let reach = Reach::new(ground.clone());
    match task.standing(partner, &reach).await? {
        Some(standing) => Ok(standing),
        None => ground.world.devices.standing(&reach, &partner.name).await,
    }
}

/// In service, or accepted to be out: in a word. Anything else refuses the turn.
async fn look_at(ground: &Arc<TaskGround>, partner: &Host, task: &dyn AnyTask) -> Result<String, Failure> {
    let world = &ground.world;
    let mut reasons = Vec::new();
    if let Some(why) = lane_stopped(ground, partner) {
        reasons.push(format!("its lane stopped: {why}"));
    } else {
        match standing(ground, partner, task).await {
            Ok(Standing::InService) => return Ok("in service".into()),
            Ok(Standing::Out(why)) => reasons.extend(why),
            Err(failure) => reasons.push(format!("cannot be read: {failure}")),
        }
    }
    if let Some(reason) = world.accept_outage.get(&partner.name) {
        world.bus.emit(EventKind::OutageAccepted {
            host: partner.name.clone(),
            reason: reason.clone(),
        });
        return Ok(format!("out, accepted: {reason}"));
    }
    let message = format!(
        "{} stays in service: its partner {} is not proved to be",
        ground.way.host.name, partner.name
    );
    Err(Failure::new(FailureKind::Turn, message)
        .seen_all(
            reasons
                .into_iter()
                .map(|reason| format!("{}: {reason}", partner.name)),
        )
        .hint(format!(
            "bring {0} back first; `--accept-outage {0}=REASON` goes on without it, and is recorded",
            partner.name
        )))
}
