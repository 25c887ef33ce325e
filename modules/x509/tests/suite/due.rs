//! When a slot is due, and what is said about it.

use cutover_x509::due::{Due, Slot, Under, judge};
use cutover_x509::{AltName, Certificate, Curve, Key, Names};
use jiff::SignedDuration;

use crate::make::{Identity, NOW, Recipe, ca, days, leaf};

struct Lab {
    root: Identity,
    issuing: Identity,
    ca: Vec<Certificate>,
    names: Names,
}

impl Lab {
    fn new() -> Self {
        let root = ca("Root").self_signed();
        let issuing = ca("Issuing").signed_by(&root);
        let ca = vec![root.certificate.clone(), issuing.certificate.clone()];
        Self {
            root,
            issuing,
            ca,
            names: Names::from([AltName::dns("Fin-A.example.com")]),
        }
    }

    fn slot<'a>(&'a self, installed: &'a Certificate) -> Slot<'a> {
        Slot {
            installed: Some(installed),
            names: &self.names,
            key: Some(&Key::Rsa { bits: 2048 }),
            ca: &self.ca,
            pool: &[],
            renew_before: None,
            now: NOW,
            forced: false,
        }
    }

    fn signed(&self, recipe: &Recipe) -> Certificate {
        recipe.signed_by(&self.issuing).certificate
    }
}

fn server() -> Recipe {
    leaf("fin-a.example.com")
}

fn why(slot: &Slot<'_>) -> (bool, String) {
    let due = judge(slot);
    (due.is_due(), due.to_string())
}

#[test]
fn a_good_certificate_is_not_due_and_says_why() {
    let lab = Lab::new();
    let good = lab.signed(&server());
    let due = judge(&lab.slot(&good));
    assert_eq!(
        due,
        Due::No {
            until: NOW + days(90),
            due_from: NOW + days(60),
            under: Under::Root("Root".into())
        }
    );
    assert_eq!(
        serde_json::to_value(&due).unwrap(),
        serde_json::json!({
            "due": false,
            "why": "valid until 2027-04-15T08:00:00Z, chains to Root, due from 2027-03-16T08:00:00Z",
        })
    );
}

#[test]
fn each_reason_is_told_alone() {
    let lab = Lab::new();
    let told = |recipe: &Recipe| why(&lab.slot(&lab.signed(recipe)));
    let yes = |text: &str| (true, text.to_owned());

    assert_eq!(
        why(&Slot {
            installed: None,
            ..lab.slot(&lab.ca[0])
        }),
        yes("there is no certificate")
    );
    assert_eq!(
        why(&lab.slot(&server().self_signed().certificate)),
        yes("self-signed")
    );
    assert_eq!(
        told(&Recipe {
            names: vec!["DNS:fin-a".into()],
            ..server()
        }),
        yes("does not have the names DNS:fin-a.example.com")
    );
    assert_eq!(
        told(&Recipe {
            key: crate::make::p256(),
            ..server()
        }),
        yes("has the key EC P-256 where RSA 2048 is needed")
    );
    assert_eq!(
        told(&Recipe {
            to: NOW - days(1),
            ..server()
        }),
        yes("ended at 2027-01-14T08:00:00Z")
    );
    assert_eq!(
        told(&Recipe {
            from: NOW - days(100),
            to: NOW + days(10),
            ..server()
        }),
        yes("ends at 2027-01-25T08:00:00Z, in 10 days")
    );
    let good = lab.signed(&server());
    assert_eq!(
        why(&Slot {
            forced: true,
            ..lab.slot(&good)
        }),
        yes("rotation is asked for")
    );
    let elsewhere = server().signed_by(&ca("Elsewhere").self_signed()).certificate;
    let (due, text) = why(&lab.slot(&elsewhere));
    assert!(
        due && text.starts_with("does not chain to the ca: the issuer of CN=fin-a.example.com"),
        "{text}"
    );
}

#[test]
fn an_issuer_that_has_ended_makes_its_certificates_due() {
    let mut lab = Lab::new();
    lab.issuing = Recipe {
        to: NOW - days(1),
        ..ca("Issuing")
    }
    .signed_by(&lab.root);
    lab.ca[1] = lab.issuing.certificate.clone();
    let (due, text) = why(&lab.slot(&lab.signed(&server())));
    assert!(
        due && text.starts_with("does not chain to the ca: at 2027-01-15T08:00:00Z not in date: CN=Issuing")
    );
}

#[test]
fn several_reasons_are_told_together() {
    let lab = Lab::new();
    let bad = Recipe {
        names: vec![],
        to: NOW - days(1),
        ..server()
    }
    .self_signed()
    .certificate;
    assert_eq!(
        why(&lab.slot(&bad)).1,
        "self-signed; does not have the names DNS:fin-a.example.com; ended at 2027-01-14T08:00:00Z"
    );
}

#[test]
fn a_third_of_a_short_life_is_enough() {
    let lab = Lab::new();
    let short = |left| {
        lab.signed(&Recipe {
            from: NOW - days(30) + left,
            to: NOW + left,
            ..server()
        })
    };
    assert!(!why(&lab.slot(&short(days(11)))).0);
    assert!(why(&lab.slot(&short(days(10)))).0);
    let asked = SignedDuration::from_hours(48);
    let with = |left| {
        why(&Slot {
            renew_before: Some(asked),
            ..lab.slot(&short(left))
        })
    };
    assert!(!with(days(3)).0);
    assert_eq!(
        with(days(1)),
        (true, "ends at 2027-01-16T08:00:00Z, in 1 day".into())
    );
}

#[test]
fn a_larger_key_and_more_names_do_no_harm() {
    let lab = Lab::new();
    let more = Recipe {
        names: vec!["DNS:FIN-A.EXAMPLE.COM".into(), "DNS:more".into()],
        ..server()
    };
    let slot_key = Key::Rsa { bits: 1024 };
    let more = lab.signed(&more);
    assert!(
        !why(&Slot {
            key: Some(&slot_key),
            ..lab.slot(&more)
        })
        .0
    );
    let ec = Key::Ec { curve: Curve::P384 };
    assert!(
        why(&Slot {
            key: Some(&ec),
            ..lab.slot(&more)
        })
        .0
    );
    assert!(
        !why(&Slot {
            key: None,
            ..lab.slot(&more)
        })
        .0
    );
}

#[test]
fn without_a_ca_any_issuer_will_do() {
    let lab = Lab::new();
    let elsewhere = server().signed_by(&ca("Elsewhere").self_signed()).certificate;
    let (due, text) = why(&Slot {
        ca: &[],
        ..lab.slot(&elsewhere)
    });
    assert!(!due && text.contains("issued by Elsewhere"), "{text}");
}

#[test]
fn an_intermediate_of_the_pool_may_lead_to_the_ca() {
    let lab = Lab::new();
    let other = ca("Other").signed_by(&lab.root);
    let installed = server().signed_by(&other).certificate;
    let pool = [other.certificate];
    assert!(why(&lab.slot(&installed)).0);
    assert!(
        !why(&Slot {
            pool: &pool,
            ..lab.slot(&installed)
        })
        .0
    );
}
