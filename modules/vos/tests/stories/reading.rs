//! Reading twins through the driver.

use crate::support::{Lab, finesse_pair, host};
use cutover_kit::{Node, Product, Reach, Read};
use cutover_vos::{Reader, Show, Unit, Vos};

async fn reader(lab: &Lab, name: &str) -> Reader {
    let reach: Reach<Read> = Reach::new(lab.ground(name));
    reach.reader::<Vos>(name).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_node_is_read_over_one_session() {
    let lab = Lab::new(finesse_pair());
    let fin_a = reader(&lab, "fin-a").await;
    let own: Vec<_> = fin_a.own_certificates().await.unwrap();
    let stores: Vec<_> = own.iter().map(|it| it.store.as_str()).collect();
    assert_eq!(stores, ["tomcat", "tomcat-ECDSA", "ipsec"]);
    let shown = fin_a.own_certificate(&Unit::tomcat()).await.unwrap().unwrap();
    assert_eq!(
        shown.whole().unwrap().subject.common_name(),
        Some("fin-a.example.com")
    );
    assert_eq!(fin_a.request(&Unit::tomcat()).await.unwrap(), None);
    assert!(fin_a.services().await.unwrap().find("Cisco Tomcat").is_some());
    assert!(fin_a.version().await.unwrap().active.starts_with("12.6.2"));
    assert!(fin_a.status().await.unwrap().uptime.as_secs() > 0);
    assert_eq!(fin_a.status().await.unwrap().clock.map(|_| ()), Some(()));
    assert_eq!(fin_a.cluster().await.unwrap().members.len(), 2);
    let replication = fin_a.replication().await.unwrap();
    assert_eq!(replication.own("fin-a").unwrap().state, 2);
    assert!(fin_a.ntp().await.unwrap().synchronised);
    assert!(fin_a.locking().await.unwrap().enabled);
    for listed in fin_a.trust_certificates().await.unwrap() {
        assert!(
            fin_a.trust_certificate(&listed, true).await.unwrap().is_some(),
            "{listed:?}"
        );
    }
    let logins = lab
        .sent()
        .iter()
        .filter(|line| line.ends_with("pagination off"))
        .count();
    assert_eq!(logins, 1);
    assert_eq!(lab.writes(), 0);
}

#[tokio::test(start_paused = true)]
async fn live_data_tells_its_side() {
    let lab = Lab::new(vec![
        host("ld-a", Product::Livedata, "ld", Node::Primary),
        host("ld-b", Product::Livedata, "ld", Node::Secondary),
    ]);
    assert!(reader(&lab, "ld-a").await.live_data().await.unwrap().is_paired());
}

#[tokio::test(start_paused = true)]
async fn a_session_that_was_idle_for_too_long_is_opened_anew() {
    let lab = Lab::new(finesse_pair());
    let fin_a = reader(&lab, "fin-a").await;
    fin_a.show(&Show::Version).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_secs(25 * 60)).await;
    fin_a.show(&Show::Version).await.unwrap();
    let logins = lab
        .sent()
        .iter()
        .filter(|line| line.ends_with("pagination off"))
        .count();
    assert_eq!(logins, 2);
}
