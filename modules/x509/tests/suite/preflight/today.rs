//! What today's certificate has.

use cutover_x509::preflight::{Allowed, Rule};

use super::bench::{Bench, HOST, error, warning};
use crate::make::{Recipe, leaf, rsa};

#[test]
fn what_today_has_and_the_new_one_would_lose() {
    let host = format!("DNS:{HOST}");
    let bench = Bench::new();
    let today = |recipe: Recipe| recipe.self_signed().certificate;

    let named = today(Recipe {
        names: vec![host.clone(), "DNS:old.example.com".into()],
        ..leaf(HOST)
    });
    let message = "names of today's certificate go away: DNS:old.example.com";
    assert_eq!(
        error(&bench.with_today(&named, Allowed::default())),
        (Rule::LostNames, message)
    );
    let accepted = Allowed {
        lost_names: true,
        ..Allowed::default()
    };
    assert_eq!(
        warning(&bench.with_today(&named, accepted)),
        (Rule::LostNames, message)
    );

    let larger = today(Recipe {
        key: rsa(3072),
        ..leaf(HOST)
    });
    let message = "the key is smaller than today's: RSA 2048 instead of RSA 3072";
    assert_eq!(
        error(&bench.with_today(&larger, Allowed::default())),
        (Rule::SmallerKey, message)
    );
    let accepted = Allowed {
        smaller_key: true,
        ..Allowed::default()
    };
    assert_eq!(
        warning(&bench.with_today(&larger, accepted)),
        (Rule::SmallerKey, message)
    );

    let multi = today(Recipe {
        names: vec![host.clone()],
        ..leaf("fin-a-ms.example.com")
    });
    let message = "today's certificate, fin-a-ms.example.com, serves several nodes; the new one serves one";
    assert_eq!(
        error(&bench.with_today(&multi, Allowed::default())),
        (Rule::MultiServer, message)
    );
    let accepted = Allowed {
        multi_server: true,
        ..Allowed::default()
    };
    assert_eq!(
        warning(&bench.with_today(&multi, accepted)),
        (Rule::MultiServer, message)
    );

    let both = today(Recipe {
        names: vec![host.clone(), "DNS:fin-b.example.com".into()],
        ..leaf(HOST)
    });
    let accepted = Allowed {
        lost_names: true,
        ..Allowed::default()
    };
    let findings = bench.with_today(&both, accepted);
    let rules: Vec<Rule> = findings.iter().map(|finding| finding.rule).collect();
    assert_eq!(rules, [Rule::LostNames, Rule::MultiServer]);
}

#[test]
fn a_multi_server_certificate_may_follow_another() {
    let names = ["DNS:fin-a.example.com", "DNS:fin-b.example.com"];
    let bench = Bench::named(&names, &names);
    let owned = names.map(str::to_owned).to_vec();
    let today = Recipe {
        names: owned,
        ..leaf("fin-a-ms.example.com")
    }
    .self_signed()
    .certificate;
    assert_eq!(bench.with_today(&today, Allowed::default()), []);
}
