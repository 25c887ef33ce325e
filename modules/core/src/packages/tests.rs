//! Packages under each manager, as stories; and with stand-ins for the managers on this machine.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use cutover_kit::Value;
use serde_json::{Value as Json, json};

use super::*;
use crate::bench::{Bench, Done};

static APT: Apt = Apt::new();
static DNF: Dnf = Dnf::new();
static PACKAGE: Package = Package::new();

const LISTS_AT: i64 = 1_000;

/// What is done after the host has said this, at a time when its lists are `age` seconds old.
fn lines<A: Asks>(json: Json, said: &str, age: i64) -> Result<Vec<String>, Failure> {
    let args: A = serde_json::from_value(json).unwrap();
    let order = args.order()?;
    let (first, rest) = said.split_once('\n').unwrap_or((said, ""));
    let (manager, found) = match first {
        "apt" => (Manager::Apt, apt::read(&order, rest)),
        _ => (Manager::Dnf, rpm::read(&order, rest)),
    };
    let facts = Facts {
        order,
        manager,
        seen: found.seen,
        pending: found.pending,
        lists: found.lists,
        now: Timestamp::from_second(LISTS_AT + age).unwrap(),
        checking: false,
    };
    let plan = Packages::<A>::new().plan(&args, &facts)?;
    let noise = [
        "PATH=$PATH:/usr/sbin:/sbin; ",
        "DEBIAN_FRONTEND=noninteractive DEBIAN_PRIORITY=critical ",
        "LC_ALL=C ",
        " '-oDPkg::Lock::Timeout=60' '-oDpkg::Options::=--force-confdef' '-oDpkg::Options::=--force-confold'",
    ];
    let plain = |work: &Work| {
        noise
            .iter()
            .fold(work.step.line().to_owned(), |line, word| line.replace(word, ""))
    };
    Ok(plan.changes.iter().map(plain).collect())
}

const POLICY: &str = "\
apt
lists 1000
nginx:
  Installed: 1.22.1-9
  Candidate: 1.22.1-10
  Version table:
 *** 1.22.1-9 500
curl:
  Installed: (none)
  Candidate: 7.88
jq:
  Installed: 1.6
  Candidate: 1.6
provided mail-transport-agent
pending 3
";

#[test]
fn apt_is_told_only_what_differs() {
    let lines = |json| lines::<AptArgs>(json, POLICY, 100).unwrap();
    let all = json!(["nginx", "curl", "jq", "mail-transport-agent"]);
    assert_eq!(lines(json!({"name": all})), ["apt-get -y -q install -- curl"]);
    assert_eq!(
        lines(json!({"name": all, "state": "latest"})),
        ["apt-get -y -q install -- nginx curl"]
    );
    assert_eq!(
        lines(json!({"name": all, "state": "latest", "only_upgrade": true})),
        ["apt-get -y -q --only-upgrade install -- nginx"]
    );
    assert_eq!(
        lines(json!({"name": all, "state": "absent", "purge": true, "autoremove": true})),
        ["apt-get -y -q --purge --auto-remove remove -- nginx jq"]
    );
    assert!(lines(json!({"name": ["nginx=1.22*", "jq"]})).is_empty());
    assert_eq!(
        lines(json!({"name": ["nginx=1.20*"], "allow_downgrade": true, "install_recommends": false})),
        ["apt-get -y -q --allow-downgrades '-oAPT::Install-Recommends=no' install -- 'nginx=1.20*'"]
    );
    assert_eq!(
        lines(json!({"upgrade": "dist", "autoremove": true})),
        ["apt-get -y -q --auto-remove dist-upgrade"]
    );
    assert_eq!(
        lines(json!({"name": ["*"], "state": "latest"})),
        ["apt-get -y -q upgrade"]
    );
    assert_eq!(lines(json!({"autoremove": true})), ["apt-get -y -q autoremove"]);
}

#[test]
fn lists_are_read_where_they_are_too_old() {
    let lines = |json, age| lines::<AptArgs>(json, POLICY, age).unwrap();
    let jq = json!({"name": ["jq"], "update_cache": true});
    assert_eq!(lines(jq, 1), ["apt-get -y -q update"]);
    let valid = json!({"name": ["jq"], "cache_valid_time": 3600});
    assert!(lines(valid.clone(), 3599).is_empty());
    assert_eq!(lines(valid, 3600), ["apt-get -y -q update"]);
    // What is newest shows only then.
    let latest = json!({"name": ["jq"], "state": "latest", "update_cache": true});
    assert_eq!(
        lines(latest, 1),
        ["apt-get -y -q update", "apt-get -y -q install -- jq"]
    );
}

#[test]
fn what_nobody_offers_is_named() {
    let told = |json| lines::<AptArgs>(json, POLICY, 1).map_err(|failure| failure.message);
    assert_eq!(
        told(json!({"name": ["nosuch"]})),
        Err("No package matching 'nosuch' is available".into())
    );
    assert_eq!(
        told(json!({"name": ["nosuch"], "update_cache": true})).unwrap(),
        ["apt-get -y -q update", "apt-get -y -q install -- nosuch"]
    );
    assert!(
        told(json!({"name": ["nosuch"], "state": "absent"}))
            .unwrap()
            .is_empty()
    );
    assert_eq!(
        told(json!({"name": ["-y"]})),
        Err("name: `-y` cannot be the name of a package".into())
    );
    let odd: AptArgs = serde_json::from_value(json!({"name": ["nginx>=1.2"]})).unwrap();
    assert_eq!(
        apt::check(&odd.order().unwrap()).unwrap_err().message,
        "name: `nginx>=1.2` names no single package"
    );
}

#[test]
fn dnf_is_told_only_what_differs() {
    let said = "dnf\nthere 0\nthere 2\nnewer nginx.x86_64\nnewer kernel.x86_64\n";
    let lines = |json| lines::<DnfArgs>(json, said, 1).unwrap();
    let all = json!(["nginx", "curl", "jq"]);
    assert_eq!(lines(json!({"name": all})), ["dnf -y install curl"]);
    assert_eq!(
        lines(json!({"name": all, "state": "latest", "enablerepo": ["extra"], "nobest": true})),
        ["dnf -y '--enablerepo=extra' install --nobest nginx curl"]
    );
    assert_eq!(
        lines(json!({"name": all, "state": "latest", "update_only": true})),
        ["dnf -y upgrade nginx"]
    );
    assert_eq!(
        lines(json!({"name": all, "state": "removed", "autoremove": true})),
        ["dnf -y autoremove nginx jq"]
    );
    assert_eq!(
        lines(json!({"name": ["*"], "state": "latest", "security": true})),
        ["dnf -y --security upgrade"]
    );
    assert_eq!(
        lines(json!({"name": ["jq", "@development"], "update_cache": true})),
        [
            "dnf -q clean expire-cache && dnf -q makecache",
            "dnf -y install @development"
        ]
    );
}

/// A folder with stand-ins, first in the search for programs.
struct Stands(tempfile::TempDir);

impl Stands {
    fn of(programs: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in programs {
            let path = folder.path().join(name);
            std::fs::write(&path, format!("#!/bin/sh\ncd \"$(dirname \"$0\")\"\n{text}\n")).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        // The programs of this machine, but for those that are stood in for.
        let real = folder.path().join("real");
        std::fs::create_dir(&real).unwrap();
        for name in [
            "sh", "awk", "cat", "cut", "dirname", "env", "grep", "sed", "sort", "stat", "tr", "touch", "rm",
        ] {
            std::os::unix::fs::symlink(Path::new("/usr/bin").join(name), real.join(name)).unwrap();
        }
        Self(folder)
    }

    async fn done(&self, module: &'static dyn cutover_kit::AnyModule, pairs: &[(&str, Value)]) -> Done {
        let folder = self.0.path().display();
        let bench = Bench::local().environment("PATH", &format!("{folder}:{folder}/real"));
        let args = Value::map(pairs.iter().cloned());
        bench.task(module, &args).await.unwrap()
    }

    fn told(&self) -> String {
        std::fs::read_to_string(self.0.path().join("told")).unwrap_or_default()
    }
}

/// As `apt` 2.6 says it.
const APT_CACHE: &str = "[ -e updated ] || exit 0
printf 'jq:\\n  Installed: %s\\n  Candidate: 1.6\\n' \"$(cat installed 2>/dev/null || echo '(none)')\"";
const APT_GET: &str = "echo \"$*\" >> told
case \" $* \" in
*' update '*) touch updated ;;
*' install '*) if [ -e installed ]; then n=0; else n=1; echo 1.6 > installed; fi
  echo 'Reading package lists...'; echo \"0 upgraded, $n newly installed, 0 to remove and 3 not upgraded.\" ;;
*' remove '*) rm installed ;;
esac";

#[tokio::test]
async fn a_package_comes_stays_and_goes_under_apt() {
    let stands = Stands::of(&[
        ("apt-cache", APT_CACHE),
        ("apt-get", APT_GET),
        ("dpkg-query", "exit 1"),
    ]);
    let latest = [
        ("name", Value::from("jq")),
        ("state", "latest".into()),
        ("update_cache", true.into()),
    ];
    let first = stands.done(&APT, &latest).await;
    assert_eq!(first.fields.get("rc"), Some(&Value::Int(0)));
    let options =
        "-y -q -oDPkg::Lock::Timeout=60 -oDpkg::Options::=--force-confdef -oDpkg::Options::=--force-confold";
    assert_eq!(
        stands.told(),
        format!("{options} update\n{options} install -- jq\n")
    );
    assert!(
        stands
            .done(&PACKAGE, &[("name", "jq".into())])
            .await
            .changes
            .is_empty()
    );
    let gone = [("name", Value::from("jq")), ("state", "absent".into())];
    assert_eq!(stands.done(&PACKAGE, &gone).await.changes.len(), 1);
    assert!(stands.done(&APT, &gone).await.changes.is_empty());
}

#[tokio::test]
async fn where_apt_finds_nothing_to_do_nothing_has_changed() {
    let stands = Stands::of(&[
        ("apt-cache", APT_CACHE),
        ("apt-get", APT_GET),
        ("dpkg-query", "exit 1"),
    ]);
    std::fs::write(stands.0.path().join("installed"), "1.6\n").unwrap();
    let folder = stands.0.path().display();
    let bench = Bench::local().environment("PATH", &format!("{folder}:{folder}/real"));
    let args = Value::map([
        ("name", Value::from("jq")),
        ("state", "latest".into()),
        ("update_cache", true.into()),
    ]);
    let last = bench.run_all(&APT, args).await.unwrap();
    assert_eq!((last.unchanged, last.failed), (true, None));
    let lists = bench
        .run(&APT, Value::map([("update_cache", true)]))
        .await
        .unwrap();
    assert_eq!((lists.unchanged, lists.failed), (false, None));
}

/// As `dnf` 4.14 says it.
const DNF_TEXT: &str = "case \" $* \" in
*' check-update '*) [ -e old ] || exit 0; printf '\\nnginx.x86_64      1:1.24.0-1.el9    appstream\\n'; exit 100 ;;
*' install '*) echo \"$*\" >> told; rm -f old; touch nginx; echo Complete! ;;
*' remove '*) echo \"$*\" >> told; rm nginx ;;
esac";
const RPM_TEXT: &str = "for last; do :; done; [ -e \"$last\" ]";

#[tokio::test]
async fn a_package_comes_stays_and_goes_under_dnf() {
    let stands = Stands::of(&[("dnf", DNF_TEXT), ("rpm", RPM_TEXT)]);
    let nginx = [("name", Value::from("nginx"))];
    assert_eq!(
        stands.done(&PACKAGE, &nginx).await.changes[0].text,
        "install nginx"
    );
    assert!(stands.done(&DNF, &nginx).await.changes.is_empty());
    let latest = [("name", Value::from("nginx")), ("state", "latest".into())];
    assert!(stands.done(&DNF, &latest).await.changes.is_empty());
    std::fs::write(stands.0.path().join("old"), "").unwrap();
    assert_eq!(stands.done(&DNF, &latest).await.changes.len(), 1);
    let gone = [("name", Value::from("nginx")), ("state", "absent".into())];
    assert_eq!(stands.done(&DNF, &gone).await.changes.len(), 1);
    assert!(stands.done(&DNF, &gone).await.changes.is_empty());
    assert_eq!(
        stands.told(),
        "-y install nginx\n-y install nginx\n-y remove nginx\n"
    );
}

#[tokio::test]
async fn a_host_without_a_manager_is_told_of() {
    let stands = Stands::of(&[]);
    let folder = stands.0.path().display();
    let bench = Bench::local().environment("PATH", &format!("{folder}/real"));
    let args = Value::map([("name", "jq")]);
    let told = bench.plan(&PACKAGE, args.clone()).await.unwrap_err();
    assert_eq!(told.message, "this host has no apt-get, no dnf, no yum");
    let told = bench.plan(&APT, args).await.unwrap_err();
    assert_eq!(told.message, "this host has no apt-get");
}
