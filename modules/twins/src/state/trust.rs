//! Trust stores, and how they reach the other nodes of a cluster.

use super::agenda::{Event, Planned};
use super::node::Phase;
use super::unit::Store;
use super::world::{NodeId, World};
use crate::log::What;
use crate::pki::check::{self, Refusal};
use crate::pki::pair::Pem;
use crate::pki::{fingerprint, names};
use openssl::x509::{X509, X509Ref};
use serde::{Deserialize, Serialize};

/// A certificate in a trust store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Trusted {
    /// Its file name.
    pub(crate) file: String,
    pub(crate) description: String,
    pub(crate) certificate: Pem,
}

/// A change of a trust store, as the nodes of a cluster tell each other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Change {
    Add(Trusted),
    Remove(String),
}

/// What an import into a trust store came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kept {
    New,
    /// The very certificate was there already.
    Same,
    /// Mischief: it was not kept.
    Lost,
}

/// The description of what is imported at the command line.
const DESCRIPTION: &str = "Trust Certificate";

impl World {
    /// Imports a certificate into a node's trust store and sends it to the others.
    pub(crate) fn import_trust(
        &mut self,
        id: NodeId,
        store: Store,
        certificate: &X509,
    ) -> Result<Kept, Refusal> {
        check::trusted(certificate, self.wall(id))?;
        let setup = &self.node(id).setup;
        if setup.spec.twin.mischief.loses_trust {
            return Ok(Kept::Lost);
        }
        let trusted = Trusted {
            file: names::trust_file(certificate, setup.profile.serial_in_names),
            description: DESCRIPTION.to_owned(),
            certificate: Pem::keep(certificate).map_err(|_| Refusal::Unreadable)?,
        };
        let kept = self.hold(id, store, trusted.clone(), certificate)?;
        if kept == Kept::New {
            let what = What::Imported {
                store: store.name(),
                fingerprint: fingerprint(certificate),
            };
            self.write(id, what);
            self.send(id, store, Change::Add(trusted));
            self.trust_changed(id, store);
        }
        Ok(kept)
    }

    /// Deletes a file from a trust store, on all nodes of the cluster; whether it was there.
    pub(crate) fn delete_trust(&mut self, id: NodeId, store: Store, file: &str) -> bool {
        if !self.remove(id, store, file) {
            return false;
        }
        let what = What::Deleted {
            store: store.name(),
            file: file.to_owned(),
        };
        self.write(id, what);
        self.send(id, store, Change::Remove(file.to_owned()));
        self.trust_changed(id, store);
        true
    }

    /// The certificates of a trust store, opened.
    pub(crate) fn trust(&self, id: NodeId, store: Store) -> Vec<X509> {
        let held = self.node(id).state.trust.get(&store);
        let held = held.map_or(&[][..], Vec::as_slice);
        held.iter().filter_map(|t| t.certificate.open().ok()).collect()
    }

    /// A change has reached a node: taken at once, or kept until it can be.
    pub(crate) fn trust_arrives(&mut self, id: NodeId, store: Store, change: Change) {
        let node = self.node_mut(id);
        if node.setup.spec.twin.mischief.never_gets_trust {
            return;
        }
        if node.state.replication != 2 || node.state.power.phase != Phase::Up {
            node.state.inbox.push((store, change));
            return;
        }
        match change {
            Change::Add(trusted) => self.take(id, store, trusted),
            Change::Remove(file) => {
                if self.remove(id, store, &file) {
                    self.trust_changed(id, store);
                }
            }
        }
    }

    /// Replication works (again): what had to wait goes out and comes in.
    pub(crate) fn catch_up(&mut self, id: NodeId) {
        let state = &mut self.node_mut(id).state;
        let inbox = std::mem::take(&mut state.inbox);
        let outbox = std::mem::take(&mut state.outbox);
        for (store, change) in inbox {
            self.trust_arrives(id, store, change);
        }
        for (store, change) in outbox {
            self.send(id, store, change);
        }
    }

    fn take(&mut self, id: NodeId, store: Store, trusted: Trusted) {
        let Ok(certificate) = trusted.certificate.open() else {
            return;
        };
        if self.hold(id, store, trusted, &certificate) == Ok(Kept::New) {
            let what = What::Arrived {
                store: store.name(),
                fingerprint: fingerprint(&certificate),
            };
            self.record(id, what);
            self.trust_changed(id, store);
        }
    }

    /// Puts a certificate into the store, where one with the same common name gives way to a later
    /// start of validity.
    fn hold(
        &mut self,
        id: NodeId,
        store: Store,
        trusted: Trusted,
        certificate: &X509Ref,
    ) -> Result<Kept, Refusal> {
        let held = self.node_mut(id).state.trust.entry(store).or_default();
        let name = names::common_name(certificate.subject_name());
        let place = held.iter().position(|t| {
            let other = t.certificate.open();
            other.is_ok_and(|o| names::common_name(o.subject_name()) == name)
        });
        let Some(place) = place else {
            held.push(trusted);
            return Ok(Kept::New);
        };
        if held[place].certificate == trusted.certificate {
            return Ok(Kept::Same);
        }
        let other = held[place].certificate.open();
        let older = other.is_ok_and(|o| o.not_before() > certificate.not_before());
        if older {
            return Err(Refusal::Older);
        }
        held[place] = trusted;
        Ok(Kept::New)
    }

    fn remove(&mut self, id: NodeId, store: Store, file: &str) -> bool {
        let held = self.node_mut(id).state.trust.entry(store).or_default();
        let before = held.len();
        held.retain(|t| t.file != file);
        held.len() != before
    }

    fn send(&mut self, id: NodeId, store: Store, change: Change) {
        if !store.replicates() {
            return;
        }
        if self.node(id).state.replication != 2 {
            self.node_mut(id).state.outbox.push((store, change));
            return;
        }
        for peer in self.peers(id) {
            let planned = Planned {
                at: self.now() + self.timing().trust_replication,
                node: self.node(peer).setup.spec.name.clone(),
                event: Event::Trust {
                    store,
                    change: change.clone(),
                },
            };
            self.plan(planned);
        }
    }

    /// On Finesse and UCCX a change of `tomcat-trust` takes the notification service away for a while.
    fn trust_changed(&mut self, id: NodeId, store: Store) {
        if store != Store::Tomcat {
            return;
        }
        let products = self.node(id).setup.products.clone();
        for service in products.iter().filter_map(|p| p.notification()) {
            self.bounce(id, service);
        }
    }
}
