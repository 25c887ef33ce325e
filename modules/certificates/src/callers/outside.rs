//! Callers outside the play: nobody imports the new chain for them in this run.

use std::collections::BTreeMap;

use cutover_kit::{Failure, Reach, Read};
use cutover_x509::{Certificate, Fingerprint};

use super::{Caller, Trust, ask, callers};
use crate::each::each;
use crate::slot::Slot;

/// A caller outside the play that does not trust a slot's coming chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outside {
    pub(crate) slot: Slot,
    /// What keeps the caller from it.
    pub(crate) complaint: String,
}

/// Asks every caller outside the play once, whatever number of slots it calls.
pub(crate) async fn outside(
    reach: &Reach<Read>,
    chains: &[(Slot, Vec<Certificate>)],
) -> Result<Vec<Outside>, Failure> {
    let mut asked: BTreeMap<(String, String), (Caller, BTreeMap<Fingerprint, Certificate>)> = BTreeMap::new();
    let mut pairs = Vec::new();
    for (slot, chain) in chains {
        let Some(host) = reach.estate().host(&slot.host) else {
            continue;
        };
        for caller in callers(reach, host).into_iter().filter(|caller| !caller.within) {
            let key = (caller.name.clone(), slot.unit.clone());
            let (_, wanted) = asked
                .entry(key.clone())
                .or_insert_with(|| (caller, BTreeMap::new()));
            wanted.extend(chain.iter().map(|one| (one.fingerprint, one.clone())));
            pairs.push((slot, chain, key));
        }
    }
    let answers = each(reach, asked, |reach, (key, (caller, wanted))| async move {
        let wanted: Vec<_> = wanted.into_values().collect();
        let trust = ask(&reach, &caller, &key.1, &wanted).await;
        (key, trust)
    });
    let answers: BTreeMap<_, _> = answers.await?.into_iter().collect();
    let complaint = |chain: &[Certificate], (caller, unit): &(String, String)| {
        let trust = match answers.get(&(caller.clone(), unit.clone()))? {
            Trust::Lacks(lacking) => {
                let ours: Vec<_> = chain
                    .iter()
                    .filter(|one| lacking.contains(one))
                    .cloned()
                    .collect();
                if ours.is_empty() {
                    Trust::Held
                } else {
                    Trust::Lacks(ours)
                }
            }
            other => other.clone(),
        };
        trust.complaint(caller)
    };
    let found = pairs.into_iter().filter_map(|(slot, chain, key)| {
        complaint(chain, &key).map(|complaint| Outside {
            slot: slot.clone(),
            complaint,
        })
    });
    Ok(found.collect())
}
