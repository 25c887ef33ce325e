//! Proofs from the wire, as stories.

use std::time::Duration;

use cutover_kit::session::{Endpoint, Handshake, HandshakeError, KeyKind, Offer};
use cutover_kit::{FailureKind, Made, Value};
use cutover_x509::authority::Authority;

use super::*;
use crate::bench::{Bench, Listener, host};
use crate::pki::{Wish, answer, elsewhere, pem, self_signed, wish};

const PORT: u16 = 8443;

/// A listener with these chains, by the kind of key.
fn serving(rsa: Vec<Vec<u8>>, ecdsa: Option<Vec<Vec<u8>>>) -> Box<Listener> {
    Box::new(move |offer: &Offer, _| {
        let kind = offer.key.unwrap();
        let chain = match kind {
            KeyKind::Rsa => Some(rsa.clone()),
            KeyKind::Ecdsa => ecdsa.clone(),
        };
        let endpoint = Endpoint::new("fin-a", PORT);
        let protocol = "TLSv1.3".to_owned();
        chain
            .map(|chain| Handshake {
                chain,
                protocol,
                reply: None,
            })
            .ok_or(HandshakeError::NoSuchKey { endpoint, kind })
    })
}

fn ders(leaf: &cutover_x509::Certificate, ca: &Authority) -> Vec<Vec<u8>> {
    let issuers = ca.chain().iter().skip(1).rev();
    std::iter::once(leaf)
        .chain(issuers)
        .map(|one| one.der().to_vec())
        .collect()
}

/// `fin-a`, its CA, and its wish.
fn estate() -> (Bench, Authority, Wish) {
    let ca = elsewhere("Corp");
    let bench = Bench::new([host("fin-a")]).under(&pem(ca.chain()));
    (bench, ca, wish(&["fin-a.example.com"], None))
}

fn none() -> Value {
    Value::map::<&str, Value>([])
}

#[tokio::test(start_paused = true)]
async fn a_good_certificate_with_its_chain_is_proved() {
    let (bench, ca, wish) = estate();
    let leaf = answer(&ca, &wish);
    bench.listen("fin-a", PORT, serving(ders(&leaf, &ca), None));
    let plan = bench.plan(&TlsProof, none()).await.unwrap();
    assert_eq!(plan.why, "a good certificate is served on 8443");
    assert_eq!(
        serde_json::to_value(Value::Map(plan.result)).unwrap(),
        serde_json::json!({
            "ports": [
                {
                    "port": 8443, "key": "RSA", "protocol": "TLSv1.3",
                    "subject": "CN=fin-a.example.com", "issuer": "CN=Corp Issuing CA 1",
                    "serial": leaf.serial, "fingerprint": leaf.fingerprint,
                    "not_after": leaf.not_after, "chain": 2,
                },
                {"port": 8443, "key": "ECDSA", "serves": null},
            ],
            "reported": [],
        })
    );
}

#[tokio::test(start_paused = true)]
async fn everything_wrong_is_said_of_every_port() {
    let (bench, ca, _) = estate();
    let other = answer(&ca, &wish(&["old.example.com"], None));
    bench.listen("fin-a", PORT, serving(vec![other.der().to_vec()], None));
    let args = Value::map([("ports", vec![PORT, 8445])]);
    let started = tokio::time::Instant::now();
    let failure = bench.plan(&TlsProof, args).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Late);
    assert_eq!(
        failure.message,
        "fin-a does not serve its certificate as it should"
    );
    let key = ca.issuing().extensions.subject_key_id.clone().unwrap();
    let missing =
        format!("the issuer of CN=old.example.com is missing: CN=Corp Issuing CA 1 (key identifier {key})");
    assert_eq!(
        failure.seen,
        [
            "port 8443 serves a certificate that does not name fin-a.example.com".to_owned(),
            format!("port 8443 serves no whole chain: {missing}"),
            "port 8445: fin-a:8445 does not answer: connection refused".to_owned(),
        ]
    );
    assert_eq!(failure.fields["ports"].as_array().unwrap().len(), 4);
    assert_eq!(
        started.elapsed(),
        Duration::from_secs(15),
        "as long as timing.service allows"
    );
}

#[tokio::test(start_paused = true)]
async fn a_port_that_comes_up_late_is_waited_for() {
    let (bench, ca, wish) = estate();
    let up = serving(ders(&answer(&ca, &wish), &ca), None);
    bench.listen(
        "fin-a",
        PORT,
        Box::new(move |offer, elapsed| {
            if elapsed < Duration::from_secs(4) {
                let endpoint = Endpoint::new("fin-a", PORT);
                return Err(HandshakeError::Protocol {
                    endpoint,
                    reason: "closed".into(),
                });
            }
            up(offer, elapsed)
        }),
    );
    let plan = bench.plan(&TlsProof, none()).await.unwrap();
    assert_eq!(plan.why, "a good certificate is served on 8443");
}

#[tokio::test(start_paused = true)]
async fn a_self_signed_ecdsa_certificate_beside_it_is_reported_only() {
    let (bench, ca, wish) = estate();
    let beside = self_signed("fin-a.example.com");
    let rsa = ders(&answer(&ca, &wish), &ca);
    bench.listen("fin-a", PORT, serving(rsa, Some(vec![beside.der().to_vec()])));
    let plan = bench.plan(&TlsProof, none()).await.unwrap();
    assert_eq!(
        plan.result["reported"],
        Value::from(vec![
            "port 8443 also serves a self-signed ECDSA certificate: not among the host's `units`"
        ])
    );
}

#[tokio::test(start_paused = true)]
async fn an_ecdsa_unit_must_be_shown_by_one_listener_at_least() {
    let (bench, ca, wish) = estate();
    let leaf = answer(&ca, &wish);
    let args = || {
        Value::map([
            ("unit", Value::from("tomcat-ECDSA")),
            ("ports", vec![PORT, 7443].into()),
        ])
    };
    bench.listen("fin-a", PORT, serving(ders(&leaf, &ca), None));
    bench.listen("fin-a", 7443, serving(ders(&leaf, &ca), None));
    let failure = bench.plan(&TlsProof, args()).await.unwrap_err();
    assert_eq!(failure.seen, ["no listener shows an ECDSA certificate"]);

    bench.listen("fin-a", 7443, serving(Vec::new(), Some(ders(&leaf, &ca))));
    assert!(bench.plan(&TlsProof, args()).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn what_this_run_installed_is_what_must_be_served() {
    let (bench, ca, wish) = estate();
    let bench = bench.making(Made::Identity {
        host: "fin-a".into(),
        unit: "tomcat".into(),
    });
    let old = answer(&ca, &crate::pki::wish(&["fin-a.example.com"], None));
    let new = answer(&ca, &wish);
    assert_ne!(old.serial, new.serial);
    bench.put("signed/fin-a.pem", pem([&new].into_iter().chain(ca.chain())));
    let path = bench.path("signed/fin-a.pem");
    let args = || Value::map([("cert", path.to_str().unwrap())]);
    bench.listen("fin-a", PORT, serving(ders(&old, &ca), None));
    let failure = bench.plan(&TlsProof, args()).await.unwrap_err();
    assert_eq!(
        failure.seen,
        [format!(
            "port 8443 serves fin-a.example.com (serial {}) instead of fin-a.example.com (serial {})",
            old.serial, new.serial
        )]
    );
    bench.listen("fin-a", PORT, serving(ders(&new, &ca), None));
    let plan = bench.plan(&TlsProof, args()).await.unwrap();
    assert_eq!(plan.why, "the new certificate is served on 8443");
}

#[tokio::test(start_paused = true)]
async fn where_this_run_installed_nothing_the_file_is_not_read() {
    let (bench, ca, wish) = estate();
    bench.listen("fin-a", PORT, serving(ders(&answer(&ca, &wish), &ca), None));
    let plan = bench
        .plan(&TlsProof, Value::map([("cert", "/nowhere.pem")]))
        .await
        .unwrap();
    assert_eq!(plan.why, "a good certificate is served on 8443");
}

#[tokio::test(start_paused = true)]
async fn a_check_run_shakes_no_hands_for_what_is_only_promised() {
    let (bench, ..) = estate();
    let bench = bench.checking().making(Made::Identity {
        host: "fin-a".into(),
        unit: "tomcat".into(),
    });
    let plan = bench.plan(&TlsProof, none()).await.unwrap();
    assert_eq!(plan.later.unwrap().after, "an earlier step");
}
