//! Building chains from pools in any state.

use cutover_x509::{Certificate, Chain, ChainError};
use openssl::nid::Nid;
use openssl::stack::Stack;
use openssl::x509::X509StoreContext;
use openssl::x509::store::X509StoreBuilder;
use openssl::x509::verify::X509VerifyParam;
use proptest::prelude::*;

use crate::make::{self, Identity, NOW, Recipe, ca, days, leaf};
use crate::tools::Tools;

struct Estate {
    root: Identity,
    upper: Identity,
    lower: Identity,
    leaf: Identity,
}

fn estate() -> Estate {
    let root = ca("Root").self_signed();
    let upper = ca("Upper").signed_by(&root);
    let lower = ca("Lower").signed_by(&upper);
    let leaf = leaf("fin-a.example.com").signed_by(&lower);
    Estate {
        root,
        upper,
        lower,
        leaf,
    }
}

fn pool<'a>(identities: impl IntoIterator<Item = &'a Identity>) -> Vec<Certificate> {
    identities
        .into_iter()
        .map(|one| one.certificate.clone())
        .collect()
}

fn build(leaf: &Identity, pool: &[Certificate]) -> Result<Chain, ChainError> {
    Chain::build(&leaf.certificate, pool, &[], NOW)
}

fn names(chain: &Chain) -> Vec<&str> {
    chain
        .certificates()
        .iter()
        .map(|one| one.subject.short())
        .collect()
}

#[test]
fn a_chain_is_put_in_order_and_openssl_agrees() {
    let Estate {
        root,
        upper,
        lower,
        leaf,
    } = estate();
    let other = ca("Other").self_signed();
    let pool = pool([&upper, &other, &root, &lower, &upper, &leaf]);
    let chain = build(&leaf, &pool).unwrap();
    assert_eq!(names(&chain), ["fin-a.example.com", "Lower", "Upper", "Root"]);
    assert_eq!(chain.leaf(), &leaf.certificate);
    assert_eq!(chain.root(), &root.certificate);
    let order = |all: &mut dyn Iterator<Item = &Certificate>| {
        all.map(|one| one.subject.short().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(
        order(&mut chain.order_root_first()),
        ["Root", "Upper", "Lower", "fin-a.example.com"]
    );
    assert_eq!(order(&mut chain.issuers()), ["Root", "Upper", "Lower"]);

    let tools = Tools::new();
    tools.write("root.pem", chain.root().to_pem());
    tools.write("all.pem", chain.to_pem());
    let at = NOW.as_second();
    tools.openssl(&format!(
        "verify -attime {at} -CAfile root.pem -untrusted all.pem all.pem"
    ));
}

#[test]
fn a_self_signed_leaf_is_a_chain_of_its_own() {
    let alone = leaf("a").self_signed();
    let chain = build(&alone, &[]).unwrap();
    assert_eq!(names(&chain), ["a"]);
    assert_eq!(chain.issuers().count(), 0);
}

#[test]
fn p521_and_sha1_links_are_verified() {
    let root = Recipe {
        key: make::ec(Nid::SECP521R1),
        ..ca("Root")
    }
    .self_signed();
    let old = Recipe {
        hash: openssl::hash::MessageDigest::sha1(),
        ..ca("Old")
    }
    .signed_by(&root);
    let leaf = leaf("a").signed_by(&old);
    assert_eq!(
        names(&build(&leaf, &pool([&root, &old])).unwrap()),
        ["a", "Old", "Root"]
    );
}

#[test]
fn a_missing_certificate_is_named_with_its_key() {
    let Estate {
        root,
        upper,
        lower,
        leaf,
    } = estate();
    let error = build(&leaf, &pool([&root, &lower])).unwrap_err();
    let id = upper.certificate.extensions.subject_key_id.clone().unwrap();
    assert_eq!(
        error.to_string(),
        format!(
            "the issuer of CN=Lower,O=Example,C=DE is missing: CN=Upper,O=Example,C=DE (key identifier {id})"
        )
    );
    assert!(
        matches!(build(&leaf, &[]), Err(ChainError::MissingIssuer { of, .. }) if of == leaf.certificate.subject)
    );
}

#[test]
fn an_issuer_of_the_right_name_with_another_key_is_a_broken_link() {
    let Estate {
        root, upper, leaf, ..
    } = estate();
    let impostor = ca("Lower").signed_by(&upper);
    let error = build(&leaf, &pool([&root, &upper, &impostor])).unwrap_err();
    assert!(
        matches!(&error, ChainError::BrokenLink { of, issuer, .. }
        if of.short() == "fin-a.example.com" && issuer.short() == "Lower"),
        "{error}"
    );
}

#[test]
fn a_signer_that_is_no_ca_is_named() {
    let root = ca("Root").self_signed();
    let no_ca = leaf("Server").signed_by(&root);
    let leaf = leaf("a").signed_by(&no_ca);
    let error = build(&leaf, &pool([&root, &no_ca])).unwrap_err();
    assert_eq!(
        error.to_string(),
        "CN=Server,O=Example,C=DE signed CN=a,O=Example,C=DE, but is not a CA"
    );
}

#[test]
fn an_expired_intermediate_is_told_with_its_dates_unless_a_valid_one_is_there() {
    let root = ca("Root").self_signed();
    let expired = Recipe {
        to: NOW - days(1),
        ..ca("Issuing")
    };
    let leaf = leaf("a").signed_by(&expired.signed_by(&root));
    let old = expired.signed_by(&root);
    let error = build(&leaf, &pool([&root, &old])).unwrap_err();
    assert_eq!(
        error.to_string(),
        "at 2027-01-15T08:00:00Z not in date: CN=Issuing,O=Example,C=DE (2026-01-15T08:00:00Z to 2027-01-14T08:00:00Z)"
    );
    assert_eq!(names(error.chain().unwrap()), ["a", "Issuing", "Root"]);

    let renewed = Recipe {
        to: NOW + days(1000),
        ..expired
    }
    .signed_by(&root);
    let chain = build(&leaf, &pool([&old, &root, &renewed])).unwrap();
    assert_eq!(chain.certificates()[1], renewed.certificate);
    assert_eq!(chain.out_of_date(NOW).count(), 0);
    assert_eq!(
        chain.out_of_date(NOW + days(100)).collect::<Vec<_>>(),
        [&leaf.certificate]
    );
}

#[test]
fn two_roots_of_one_name_are_told_apart_by_their_keys() {
    let (first, second) = (ca("Root").self_signed(), ca("Root").self_signed());
    for root in [&first, &second] {
        let leaf = Recipe {
            with_key_ids: false,
            ..leaf("a")
        }
        .signed_by(root);
        let chain = build(&leaf, &pool([&first, &second])).unwrap();
        assert_eq!(chain.root(), &root.certificate);
    }
}

#[test]
fn a_cross_signed_intermediate_leads_to_the_root_of_the_given_ca() {
    let (old, new) = (ca("Old Root").self_signed(), ca("New Root").self_signed());
    let issuing = ca("Issuing");
    let (under_old, under_new) = (issuing.signed_by(&old), issuing.signed_by(&new));
    let leaf = leaf("a").signed_by(&under_old).certificate;
    let pool = pool([&under_old, &under_new, &old, &new]);
    for root in [&old, &new] {
        let chain = Chain::build(&leaf, &pool, std::slice::from_ref(&root.certificate), NOW).unwrap();
        assert_eq!(chain.root(), &root.certificate);
    }
    let stranger = ca("Stranger").self_signed().certificate;
    let error = Chain::build(&leaf, &pool, &[stranger], NOW).unwrap_err();
    assert!(matches!(error, ChainError::OtherRoot { .. }), "{error}");
}

#[test]
fn of_several_wrong_ways_the_one_that_matters_is_told() {
    // The way to the given CA has ended; another way, to another root, holds.
    let (given, other) = (ca("Given").self_signed(), ca("Other").self_signed());
    let issuing = ca("Issuing");
    let ended = Recipe {
        to: NOW - days(1),
        ..issuing.clone()
    }
    .signed_by(&given);
    let holds = issuing.signed_by(&other);
    let leaf = leaf("a").signed_by(&holds);
    let error = Chain::build(
        &leaf.certificate,
        &pool([&ended, &holds, &other]),
        &pool([&given]),
        NOW,
    )
    .unwrap_err();
    assert!(matches!(error, ChainError::OutOfDate { .. }), "{error}");

    // One way ends at once, the other one higher up.
    let upper = ca("Upper").signed_by(&given);
    let by_upper = issuing.signed_by(&upper);
    let error = build(&leaf, &pool([&holds, &by_upper, &upper])).unwrap_err();
    assert!(
        matches!(&error, ChainError::MissingIssuer { of, .. } if of.short() == "Upper"),
        "{error}"
    );
}

#[test]
fn a_given_ca_without_its_root_must_be_passed_through() {
    let Estate {
        root,
        upper,
        lower,
        leaf,
    } = estate();
    let through = Chain::build(&leaf.certificate, &pool([&root, &lower]), &pool([&upper]), NOW).unwrap();
    assert_eq!(names(&through), ["fin-a.example.com", "Lower", "Upper", "Root"]);
}

#[test]
fn a_path_that_is_longer_than_a_ca_allows_is_refused_by_openssl() {
    let root = Recipe {
        ca: Some(Some(0)),
        ..ca("Root")
    }
    .self_signed();
    let issuing = ca("Issuing").signed_by(&root);
    let leaf = leaf("a").signed_by(&issuing);
    let error = build(&leaf, &pool([&root, &issuing])).unwrap_err();
    assert!(matches!(error, ChainError::Refused { .. }), "{error}");
}

#[test]
fn cas_that_signed_each_other_do_not_go_on_for_ever() {
    let (a, b) = (ca("A"), ca("B"));
    let a_by_b = a.signed_by(&b.self_signed());
    let b_by_a = b.signed_by(&a.self_signed());
    let leaf = leaf("x").signed_by(&a_by_b);
    let error = build(&leaf, &pool([&a_by_b, &b_by_a])).unwrap_err();
    assert_eq!(
        error.to_string(),
        "there is no root above CN=B,O=Example,C=DE: its issuer CN=A,O=Example,C=DE stands below it"
    );
    let chain = build(&leaf, &pool([&a_by_b, &b_by_a, &a.self_signed()])).unwrap();
    assert_eq!(names(&chain), ["x", "A"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_order_of_the_pool_does_not_matter(order in Just((0..7usize).collect::<Vec<_>>()).prop_shuffle()) {
        let all = &*CROSSED;
        let pool: Vec<Certificate> = order.iter().map(|index| all.1[*index].clone()).collect();
        let chain = Chain::build(&all.0, &pool, &[], NOW).unwrap();
        prop_assert_eq!(&chain, &all.2);
        for pair in chain.certificates().windows(2) {
            prop_assert!(pair[0].is_signed_by(&pair[1]));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// OpenSSL's own search does not try every way, so it may fail where ours does not.
    #[test]
    fn wherever_openssl_finds_a_way_there_is_a_chain(kept in prop::collection::vec(any::<bool>(), 7)) {
        let (leaf, all, _) = &*CROSSED;
        let pool: Vec<Certificate> =
            all.iter().zip(kept).filter(|(_, kept)| *kept).map(|(one, _)| one.clone()).collect();
        let ours = Chain::build(leaf, &pool, &[], NOW);
        if let Ok(chain) = &ours {
            prop_assert!(chain.order_root_first().all(|one| one == leaf || pool.contains(one)));
        }
        prop_assert!(ours.is_ok() || !openssl_finds_a_way(leaf, &pool));
    }
}

fn openssl_finds_a_way(leaf: &Certificate, pool: &[Certificate]) -> bool {
    let mut param = X509VerifyParam::new().unwrap();
    param.set_time(NOW.as_second());
    let mut store = X509StoreBuilder::new().unwrap();
    store.set_param(&param).unwrap();
    let mut others = Stack::new().unwrap();
    for one in pool {
        if one.is_self_signed() {
            store.add_cert(one.x509().to_owned()).unwrap();
        } else {
            others.push(one.x509().to_owned()).unwrap();
        }
    }
    let mut context = X509StoreContext::new().unwrap();
    context
        .init(&store.build(), leaf.x509(), &others, |context| {
            context.verify_cert()
        })
        .unwrap()
}

/// A leaf, a pool in which several ways lead up, and the chain found in its first order.
static CROSSED: std::sync::LazyLock<(Certificate, Vec<Certificate>, Chain)> =
    std::sync::LazyLock::new(|| {
        let (old, new) = (ca("Root").self_signed(), ca("Root").self_signed());
        let issuing = ca("Issuing");
        let (by_old, by_new) = (issuing.signed_by(&old), issuing.signed_by(&new));
        let expired = Recipe {
            to: NOW - days(1),
            ..issuing.clone()
        }
        .signed_by(&old);
        let impostor = ca("Issuing").signed_by(&new);
        let leaf = leaf("a").signed_by(&by_old);
        let pool = pool([&old, &new, &by_old, &by_new, &expired, &impostor, &leaf]);
        let chain = build(&leaf, &pool).unwrap();
        (leaf.certificate, pool, chain)
    });
