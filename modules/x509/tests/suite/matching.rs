//! Sorting out the files of a CA.

use cutover_x509::ReadError;
use cutover_x509::matching::{Returned, Waiting, sort};

use crate::make::{self, NOW, Recipe, ca, days, leaf, p256, request};

#[test]
fn files_of_a_ca_are_sorted_whatever_their_names() {
    let root = ca("Root").self_signed();
    let issuing = ca("Issuing").signed_by(&root);
    let (key_a, key_b, key_c, stranger) = (p256(), p256(), p256(), p256());
    let with = |cn: &str, key: &make::Key| Recipe {
        key: key.clone(),
        ..leaf(cn)
    };
    let (a, b) = (
        with("a", &key_a).signed_by(&issuing),
        with("b", &key_b).signed_by(&issuing),
    );
    let older = Recipe {
        from: NOW - days(50),
        ..with("a", &key_a)
    }
    .signed_by(&issuing);
    let unknown = with("x", &stranger).signed_by(&issuing);
    let requests = [
        request(&key_a, "a", &[]),
        request(&key_b, "b", &[]),
        request(&key_c, "c", &[]),
    ];

    let pem = |all: &[&make::Identity]| all.iter().map(|one| one.certificate.to_pem()).collect::<String>();
    let bundle = pem(&[&issuing, &b, &root, &issuing]);
    let files = [
        Returned {
            name: "bundle.pem",
            bytes: bundle.as_bytes(),
        },
        Returned {
            name: "old-a.cer",
            bytes: older.certificate.der(),
        },
        Returned {
            name: "a.cer",
            bytes: a.certificate.der(),
        },
        Returned {
            name: "copy-of-a.cer",
            bytes: a.certificate.der(),
        },
        Returned {
            name: "x.cer",
            bytes: unknown.certificate.der(),
        },
        Returned {
            name: "root.cer",
            bytes: root.certificate.der(),
        },
        Returned {
            name: "empty.pem",
            bytes: b"",
        },
    ];
    let waiting: Vec<Waiting<'_>> = ["host-a", "host-b", "host-c"]
        .into_iter()
        .zip(&requests)
        .map(|(name, request)| Waiting { name, request })
        .collect();
    let sorted = sort(&files, &waiting);

    let answers: Vec<(&str, &str)> = sorted
        .answers
        .iter()
        .map(|answer| (answer.name.as_str(), answer.found.file.as_str()))
        .collect();
    assert_eq!(answers, [("host-a", "a.cer"), ("host-b", "bundle.pem")]);
    assert_eq!(sorted.answers[0].found.certificate, a.certificate);
    assert_eq!(sorted.answers[0].superseded.len(), 1);
    assert_eq!(sorted.answers[0].superseded[0].file, "old-a.cer");
    assert_eq!(sorted.unanswered, ["host-c"]);
    assert_eq!(sorted.strangers.len(), 1);
    assert_eq!(sorted.strangers[0].file, "x.cer");
    assert_eq!(sorted.authorities, [issuing.certificate, root.certificate]);
    assert_eq!(sorted.unreadable, [("empty.pem".to_owned(), ReadError::Empty)]);
}

#[test]
fn a_request_that_several_nodes_share_is_answered_for_each() {
    let key = p256();
    let shared = request(&key, "a-ms", &["DNS:a", "DNS:b"]);
    let signed = Recipe { key, ..leaf("a-ms") }
        .signed_by(&ca("Root").self_signed())
        .certificate;
    let file = Returned {
        name: "a-ms.cer",
        bytes: signed.der(),
    };
    let waiting = ["a", "b"].map(|name| Waiting {
        name,
        request: &shared,
    });
    let sorted = sort(&[file], &waiting);
    assert_eq!(
        sorted
            .answers
            .iter()
            .map(|answer| answer.name.as_str())
            .collect::<Vec<_>>(),
        ["a", "b"]
    );
    assert!(sorted.strangers.is_empty() && sorted.unanswered.is_empty());
}

#[test]
fn an_answer_that_was_made_a_ca_is_still_an_answer() {
    let key = p256();
    let wrong = Recipe {
        key: key.clone(),
        ..ca("a")
    }
    .signed_by(&ca("Root").self_signed())
    .certificate;
    let sorted = sort(
        &[Returned {
            name: "a.cer",
            bytes: wrong.der(),
        }],
        &[Waiting {
            name: "a",
            request: &request(&key, "a", &[]),
        }],
    );
    assert_eq!(sorted.answers.len(), 1);
    assert!(sorted.authorities.is_empty());
}
