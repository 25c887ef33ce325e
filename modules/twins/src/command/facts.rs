//! Read-only facts about a node and its cluster.
//!
//! Layouts follow the public samples; the numbers in them that nobody can check (load, memory, ping)
//! are always the same.

use super::parse::Unknown;
use super::reply::{Reply, Then};
use super::run::Desk;
use crate::calendar::Moment;
use crate::product::Product;
use crate::state::node::{Node, Phase, Setup};
use crate::state::world::NodeId;

impl Desk<'_> {
    fn moment(&self) -> Moment<'_> {
        Moment {
            unix: self.world.wall(self.id),
            zone: &self.node().setup.spec.twin.time_zone,
        }
    }

    pub(crate) fn status(&self) -> Reply {
        let setup = &self.node().setup;
        let booted = self.node().state.power.booted_at;
        let up = self.world.now().saturating_sub(booted).as_secs();
        let date = self.moment().format("%a %b %d, %Y %H:%M:%S");
        let clock = self.moment().format("%H:%M:%S");
        let zone = &setup.spec.twin.time_zone.abbreviation;
        let host = setup.host();
        let version = full_version(setup);
        let uptime = uptime(up);
        self.say(format!(
            "\nHost Name          : {host}\n\
             Date               : {date}\n\
             Time Zone          : {zone}\n\
             Locale             : en_US.UTF-8\n\
             Product Ver        : {version}\n\
             Unified OS Version : 7.0.0.0-2\n\
             \n\
             Uptime:\n \
             {clock} up {uptime},  1 user,  load average: 0.27, 0.36, 0.35\n\
             \n\
             CPU Idle:   93.41%  System:   02.20%    User:   04.40%\n  \
               IOWAIT:   00.00%     IRQ:   00.00%    Soft:   00.00%\n\
             \n\
             Memory Total:        5992196K\n        \
                     Free:         175796K\n        \
                     Used:        5816400K\n      \
                   Cached:        1925400K\n      \
                   Shared:         343404K\n     \
                  Buffers:         173920K\n\
             \n                        \
                                     Total            Free            Used\n\
             Disk/active         14154228K         988112K        13020828K (93%)\n\
             Disk/inactive       14154228K       13414124K           20932K (1%)\n\
             Disk/logging        49573612K       22105572K        24946428K (54%)\n\n",
        ))
    }

    pub(crate) fn version(&self, active: bool) -> Reply {
        let side = if active { "Active" } else { "Inactive" };
        if !active {
            return self.say("Inactive Master Version: Not Installed\n");
        }
        let version = full_version(&self.node().setup);
        let options = &self.node().state.options;
        let options = if options.is_empty() {
            "No Installed Software Options Found.\n".to_owned()
        } else {
            options.iter().map(|o| format!("{o}\n")).collect()
        };
        self.say(format!(
            "{side} Master Version: {version}\n\
             {side} Version Installed Software Options:\n{options}"
        ))
    }

    pub(crate) fn product_version(&self, product: &str) -> Reply {
        let setup = &self.node().setup;
        let (runs, name) = match product {
            "uccx" => (setup.runs(Product::Uccx), "UCCX"),
            _ => (setup.runs(Product::Vvb), "VVB"),
        };
        if !runs {
            return self.unknown(Unknown::Word);
        }
        let version = full_version(setup);
        self.say(format!(
            " Active {name} Version: {version}\n Inactive {name} Version: NA\nCommand successful.\n"
        ))
    }

    pub(crate) fn cluster(&self) -> Reply {
        let mut text = String::new();
        for id in self.world.cluster(self.id) {
            text += &self.cluster_line(*id);
        }
        if self.node().setup.spec.primary {
            text += "\nServer Table (processnode) Entries\n----------------------------------\n";
            for id in self.world.cluster(self.id) {
                text += &format!("{}\n", self.world.node(*id).setup.spec.address);
            }
        }
        self.say(text)
    }

    fn cluster_line(&self, id: NodeId) -> String {
        let node = self.world.node(id);
        let spec = &node.setup.spec;
        let (role, database) = if spec.primary {
            ("Publisher", "DBPub")
        } else {
            ("Subscriber", "DBSub")
        };
        let product = node.setup.products.first().map_or("vos", |p| p.word());
        let since = Moment {
            unix: self.world.wall(self.id) - 86_400,
            zone: &self.node().setup.spec.twin.time_zone,
        };
        let state = if id == self.id {
            "authenticated".to_owned()
        } else if node.state.power.phase == Phase::Up {
            let since = since.format("%a %b %-d %H:%M:%S %Y");
            format!("authenticated using TCP since {since}")
        } else {
            "not authenticated or updated on server".to_owned()
        };
        let fqdn = if node.setup.domain().is_empty() {
            ""
        } else {
            spec.fqdn.as_str()
        };
        let host = node.setup.host();
        let address = &spec.address;
        format!("{address} {fqdn} {host} {role} {product} {database} {state}\n")
    }

    pub(crate) fn network(&self, detail: bool) -> Reply {
        let setup = &self.node().setup;
        let (address, domain) = (&setup.spec.address, setup.domain());
        let gateway = address.rsplit_once('.').map_or("", |(net, _)| net);
        let counters = if detail {
            "\nStatistics\nRX stats     : bytes 1048576, packets 8192, errors 0, dropped 0\n\
             TX stats     : bytes 2097152, packets 9216, errors 0, dropped 0\n"
        } else {
            ""
        };
        self.say(format!(
            "Ethernet 0\n\
             DHCP         : disabled           Status     : up\n\
             IP Address   : {address:<18} IP Mask    : 255.255.255.000\n\
             Link Detected: yes                Mode       : Auto disabled, Full, 10000 Mbits/s\n\
             Duplicate IP : no\n\
             \n\
             DNS\n\
             Primary      : {gateway}.53          Secondary  : Not Configured\n\
             Options      : timeout:5 attempts:2\n\
             Domain       : {domain}\n\
             Gateway      : {gateway}.254 on Ethernet 0\n{counters}"
        ))
    }

    pub(crate) fn ntp(&self) -> Reply {
        let utc = self.moment().format("%a %b %d %H:%M:%S %Y");
        let peers = "     remote           refid      st t when poll reach   delay   offset  jitter\n\
             ==============================================================================\n";
        let state = if self.node().setup.spec.twin.ntp {
            "*10.10.10.1      10.10.10.250     2 u  421 1024  377    0.391   -0.024   0.051\n\n\n\
             synchronised to NTP server (10.10.10.1) at stratum 3\n   \
                time correct to within 45 ms\n   \
                polling server every 1024 s\n"
        } else {
            " 10.10.10.1      .INIT.          16 u    - 1024    0    0.000    0.000   0.000\n\n\n\
             unsynchronised\n   \
                polling server every 64 s\n"
        };
        self.say(format!(
            "ntpd (pid 12345) is running...\n\n{peers}{state}\n\
             Current time in UTC is : {utc}\n"
        ))
    }

    /// `(2) Setup Completed` and `(4) Setup Incomplete` are known texts; those of the other states
    /// are guesses, and so is the row of a node that is away.
    pub(crate) fn replication(&self) -> Reply {
        let cluster = self.world.cluster(self.id);
        if cluster.len() < 2 {
            return self.fail(
                "Runtime state cannot be performed on a cluster with a single active node; \
                 aborting operation",
            );
        }
        let host = self.node().setup.host();
        let time = self.moment().certificate();
        let start = self.moment().format("%Y-%m-%d-%H-%M");
        let rows = (2..)
            .zip(cluster)
            .map(|(group, id)| self.replication_row(*id, group));
        let rows: String = rows.collect();
        let version = database_version(&self.node().setup);
        let file = self.moment().format("%Y_%m_%d_%H_%M_%S");
        self.say_slowly(format!(
            "\nServer Time: {time}\n\n\
             Cluster Replication State: Replication status command started at: {start}\n     \
                  Replication status command COMPLETED. Checked 754 tables out of 754\n     \
                  Last Completed Table: functionrole\n     \
                  No Errors or Mismatches found.\n\n     \
                  Use 'file view activelog cm/trace/dbl/sdi/ReplicationStatus.{file}.out' to see the details\n\n\n\
             DB Version: {version}\n\n\
             Repltimeout set to: 300s\n\
             PROCESS option set to: 1\n\n\n\
             Cluster Detailed View from {host} ({} Servers):\n\n\
             {REPLICATION_HEAD}{rows}",
            cluster.len()
        ))
    }

    fn replication_row(&self, id: NodeId, group: u32) -> String {
        let node = self.world.node(id);
        let (name, address) = (node.setup.host(), &node.setup.spec.address);
        let here = node.state.power.phase == Phase::Up || node.reachable() && id == self.id;
        let (ping, checks, queue) = match (here, id == self.id) {
            (false, _) => ("Failed", "N/N/N", "--"),
            (true, true) => ("0.045", "Y/Y/Y", "0"),
            (true, false) => ("1.711", "Y/Y/Y", "0"),
        };
        let code = if here { node.state.replication } else { 4 };
        let text = match code {
            0 => "Not Started",
            1 => "Setup Started",
            2 => "Setup Completed",
            3 => "Mismatched",
            _ => "Setup Incomplete",
        };
        format!(
            "{name:<24} {address:<17} {ping:<9} {checks:<9} {queue:<8} (g_{group}){:10}({code}) {text}\n",
            ""
        )
    }

    pub(crate) fn live_data(&self) -> Reply {
        let node = self.node();
        if !node.setup.runs(Product::LiveData) {
            return self.unknown(Unknown::Word);
        }
        let state = self.world.live_data_state(self.id);
        let primary = node.setup.spec.primary;
        let (side, remote) = if primary {
            ("A", "not applicable for the publisher in auto-config".to_owned())
        } else {
            ("B", self.publisher())
        };
        let bridge = if state.starts_with("PAIRED") {
            "Established"
        } else {
            "Not established"
        };
        self.say(format!(
            "# Failover settings..\n\
             Cluster failover enabled: true\n\
             Cluster ID: {side}\n\
             Remote side addr: {remote}\n\
             Auto config enabled: true\n\n\
             # ActiveMQ NetBridge..\n{bridge}\n\n\
             # Cluster state..\n{state}\n"
        ))
    }

    fn publisher(&self) -> String {
        let cluster = self.world.cluster(self.id).iter();
        let mut nodes = cluster.map(|id| self.world.node(*id));
        let publisher = nodes.find(|n: &&Node| n.setup.spec.primary);
        publisher.map_or_else(String::new, |p| p.setup.host().to_owned())
    }

    pub(crate) fn account_locking(&self) -> Reply {
        let twin = &self.node().setup.spec.twin;
        self.say(format!(
            "Account Lockout is enabled\n\
             Unlock Time : {} seconds\n\
             Retry Count : {} attempts\n",
            twin.unlock_seconds, twin.retry_count
        ))
    }

    pub(crate) fn web_security(&self) -> Reply {
        let subject = &self.node().setup.spec.twin.subject;
        self.say(format!(
            "Organizational Unit : {}\n\
             Organization Name   : {}\n\
             Locality            : {}\n\
             State               : {}\n\
             Country             : {}\n\
             Alternate Host Name :\n",
            subject.unit, subject.organization, subject.locality, subject.state, subject.country
        ))
    }

    /// Every file of the active log holds the node's own story.
    pub(crate) fn view(&self, path: &str) -> Reply {
        let name = &self.node().setup.spec.name;
        let entries = self.world.log().iter().filter(|e| e.host == *name);
        let mut lines = vec![format!("{path}")];
        lines.extend(entries.map(|e| format!("{:>12.3} {:?}", e.at.as_secs_f64(), e.what)));
        self.say("").then(Then::View(lines))
    }
}

const REPLICATION_HEAD: &str = "                                           \
PING      DB/RPC/   REPL.    Replication    REPLICATION SETUP
SERVER-NAME              IP ADDRESS        (msec)    DbMon?    QUEUE    Group ID       (RTMT) & Details
-----------              ----------        ------    -------   -----    -----------    ------------------
";

/// A release as the device spells it, `12.6.2.10000-1`.
fn full_version(setup: &Setup) -> String {
    let version = &setup.spec.version;
    let parts = version.split(|c: char| !c.is_ascii_digit());
    let mut parts: Vec<&str> = parts.filter(|p| !p.is_empty()).collect();
    if parts.len() > 3 {
        return version.clone();
    }
    while parts.len() < 3 {
        parts.push("1");
    }
    format!("{}.10000-1", parts.join("."))
}

fn database_version(setup: &Setup) -> String {
    format!("ccm{}", full_version(setup).replace(['.', '-'], "_"))
}

/// `46 days, 13:57`, `13:57` or `5 min`, as `uptime` says it.
fn uptime(seconds: u64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    let time = if hours == 0 {
        format!("{minutes} min")
    } else {
        format!("{hours:2}:{minutes:02}")
    };
    match days {
        0 => time,
        1 => format!("1 day, {time}"),
        _ => format!("{days} days, {time}"),
    }
}
