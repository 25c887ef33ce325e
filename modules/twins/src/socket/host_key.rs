//! SSH host keys, kept with the node's state.

use crate::estate::Estate;
use crate::pki::pair::Key;
use crate::state::world::NodeId;
use openssl::bn::BigNumRef;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use russh::keys::PrivateKey;
use russh::keys::ssh_key::Mpint;
use russh::keys::ssh_key::private::{Ed25519Keypair, KeypairData, RsaKeypair, RsaPrivateKey};
use russh::keys::ssh_key::public::RsaPublicKey;
use std::io;

/// A node's host key, made at the first call. Nodes that speak only the old algorithms have an RSA
/// key.
pub(crate) fn of(estate: &Estate, id: NodeId) -> io::Result<PrivateKey> {
    let key = match estate.host_key(id) {
        Some(key) => key.open()?,
        None => {
            let key = if estate.speaks_old_ssh(id) {
                estate.rsa_key()?
            } else {
                PKey::generate_ed25519()?
            };
            estate.keep_host_key(id, Key::keep(&key)?);
            key
        }
    };
    let data = match key.rsa() {
        Ok(rsa) => rsa_pair(&rsa)?,
        Err(_) => ed25519_pair(&key)?,
    };
    PrivateKey::new(data, "").map_err(io::Error::other)
}

fn ed25519_pair(key: &PKey<Private>) -> io::Result<KeypairData> {
    let seed = key.raw_private_key()?;
    let seed: &[u8; 32] = seed
        .as_slice()
        .try_into()
        .map_err(|_| io::Error::other("the kept host key is of another kind"))?;
    Ok(KeypairData::Ed25519(Ed25519Keypair::from_seed(seed)))
}

fn rsa_pair(rsa: &Rsa<Private>) -> io::Result<KeypairData> {
    let number = |n: &BigNumRef| Mpint::from_positive_bytes(&n.to_vec());
    let part = |n: Option<&BigNumRef>| {
        n.map(number)
            .ok_or_else(|| io::Error::other("an RSA key without its primes"))
    };
    let public = RsaPublicKey::new(number(rsa.e()), number(rsa.n()));
    let public = public.map_err(io::Error::other)?;
    let (p, q, iqmp) = (part(rsa.p())?, part(rsa.q())?, part(rsa.iqmp())?);
    let private = RsaPrivateKey::new(number(rsa.d()), iqmp, p, q).map_err(io::Error::other)?;
    let pair = RsaKeypair::new(public, private).map_err(io::Error::other)?;
    Ok(KeypairData::Rsa(pair))
}
