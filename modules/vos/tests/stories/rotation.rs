//! A whole rotation, step by step, against twins in memory on virtual time.

use std::time::Duration;

use crate::steps::*;
use crate::support::{CSR, Lab, SIGNED, finesse_pair};

/// Everything that the playbook does with a pair, in its order.
async fn rotate(lab: &Lab) -> Vec<String> {
    let mut changes = Vec::new();
    for host in ["fin-a", "fin-b"] {
        changes.extend(go(lab, &VOS_CSR, host, csr(host)).await.changes);
    }
    for host in ["fin-a", "fin-b"] {
        if lab
            .trace
            .files
            .lock()
            .unwrap()
            .contains_key(std::path::Path::new(&format!("{CSR}/{host}.csr")))
        {
            lab.sign(host);
        }
    }
    changes.extend(go(lab, &TRUST, "fin-a", signed()).await.changes);
    go(lab, &REPLICATED, "fin-a", signed()).await;
    for host in ["fin-a", "fin-b"] {
        changes.extend(go(lab, &IDENTITY, host, cert(host)).await.changes);
        changes.extend(go(lab, &RESTART, host, none()).await.changes);
        go(lab, &IN_SERVICE, host, none()).await;
    }
    changes
}

#[tokio::test(start_paused = true)]
async fn a_pair_is_rotated_and_a_second_run_changes_nothing() {
    let lab = Lab::new(finesse_pair());
    let changes = rotate(&lab).await;
    let not_after = lab.certificates(&format!("{SIGNED}/fin-a.pem"))[0].not_after;
    assert_eq!(
        changes,
        [
            "make a request for tomcat".to_owned(),
            "write the request to /work/csr/fin-a.csr".to_owned(),
            "make a request for tomcat".to_owned(),
            "write the request to /work/csr/fin-b.csr".to_owned(),
            "import root \"Lab Root CA\" into tomcat-trust".to_owned(),
            "import intermediate \"Lab Issuing CA 1\" into tomcat-trust".to_owned(),
            format!(
                "import \"fin-a.example.com\", issued by \"Lab Issuing CA 1\", valid until {not_after}, into tomcat"
            ),
            "restart fin-a (`utils system restart`) and wait for its return".to_owned(),
            format!(
                "import \"fin-b.example.com\", issued by \"Lab Issuing CA 1\", valid until {not_after}, into tomcat"
            ),
            "restart fin-b (`utils system restart`) and wait for its return".to_owned(),
        ]
    );
    for host in ["fin-a", "fin-b"] {
        let leaf = lab.certificates(&format!("{SIGNED}/{host}.pem")).remove(0);
        assert!(lab.in_service(host));
        assert_eq!(lab.served(host, 8445), Some(leaf));
    }
    assert_eq!(
        lab.happened()
            .iter()
            .filter(|line| line.contains("import") || line.contains("restart") || line.ends_with("up"))
            .collect::<Vec<_>>(),
        [
            "fin-a: import tomcat-trust",
            "fin-a: restart Cisco Finesse Notification Service",
            "fin-a: import tomcat-trust",
            "fin-b: restart Cisco Finesse Notification Service",
            "fin-a: import tomcat",
            "fin-a: restart",
            "fin-a: up",
            "fin-b: import tomcat",
            "fin-b: restart",
            "fin-b: up",
        ]
    );
    assert!(lab.elapsed() < Duration::from_secs(3600), "{:?}", lab.elapsed());

    let writes = lab.writes();
    assert_eq!(rotate(&lab).await, Vec::<String>::new());
    assert_eq!(lab.writes(), writes);
}
