//! Nodes of a cluster, replication, Live Data's sides (`vos-cli.md` §5.3).

use serde::Serialize;

use super::{ReadError, field, pattern};

/// The nodes of a cluster, as one of them sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cluster {
    /// In the list's order.
    pub members: Vec<Member>,
}

/// One node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Member {
    /// Its address.
    pub address: String,
    /// Its full name, where it has a domain.
    pub fqdn: Option<String>,
    /// Its short name.
    pub host: String,
    /// Whether it is the publisher.
    pub primary: bool,
    /// Whether it is authenticated with the node asked.
    pub authenticated: bool,
}

/// `address [fqdn] host Publisher|Subscriber product DBPub|DBSub state`.
pub(crate) fn cluster(lines: &[String]) -> Result<Cluster, ReadError> {
    let line = pattern!(r"^\s*(\S+)\s+(?:(\S+)\s+)?(\S+)\s+(Publisher|Subscriber|Primary|Secondary)\s+\S.*$");
    let members: Vec<Member> = lines
        .iter()
        .filter_map(|text| {
            let parts = line.captures(text)?;
            Some(Member {
                address: parts[1].to_owned(),
                fqdn: parts.get(2).map(|fqdn| fqdn.as_str().to_owned()),
                host: parts[3].to_owned(),
                primary: matches!(&parts[4], "Publisher" | "Primary"),
                authenticated: text.contains(" authenticated"),
            })
        })
        .collect();
    if members.is_empty() {
        return Err(ReadError::missing("node"));
    }
    Ok(Cluster { members })
}

/// The state of the database's replication, as one node sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Replication {
    /// The node that was asked, by the name it gives itself.
    pub from: Option<String>,
    /// A row for each node it knows.
    pub rows: Vec<ReplicationRow>,
    /// Why there are no rows.
    pub unavailable: Option<String>,
}

/// The replication with one node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReplicationRow {
    /// The node.
    pub server: String,
    /// Its address.
    pub address: String,
    /// 2 is good; 0 to 4 otherwise say what is missing.
    pub state: u8,
    /// The state in words.
    pub text: String,
}

impl Replication {
    /// The row of the node that was asked, or of `name` where it does not say who it is.
    #[must_use]
    pub fn own(&self, name: &str) -> Option<&ReplicationRow> {
        let short = |text: &str| text.split('.').next().unwrap_or(text).to_ascii_lowercase();
        let wanted = short(self.from.as_deref().unwrap_or(name));
        self.rows.iter().find(|row| short(&row.server) == wanted)
    }
}

/// The table at the end; `(2)` is the state, `(g_2)` is not.
pub(crate) fn replication(lines: &[String]) -> Result<Replication, ReadError> {
    let row =
        pattern!(r"^\s*(\S+)\s+(\d+\.\d+\.\d+\.\d+|[0-9A-Fa-f:]+:[0-9A-Fa-f:]+)\s.*\((\d)\)\s*(.*?)\s*$");
    let from = pattern!(r"(?i)detailed view from (\S+)");
    let gone = pattern!(r"(?i)single active node|DB is not running|aborting|cannot be performed");
    let rows: Vec<ReplicationRow> = lines
        .iter()
        .filter_map(|text| {
            let parts = row.captures(text)?;
            Some(ReplicationRow {
                server: parts[1].to_owned(),
                address: parts[2].to_owned(),
                state: parts[3].parse().ok()?,
                text: parts[4].to_owned(),
            })
        })
        .collect();
    let unavailable = lines
        .iter()
        .find(|line| gone.is_match(line))
        .map(|line| line.trim().to_owned());
    if rows.is_empty() && unavailable.is_none() {
        return Err(ReadError::missing("replication state"));
    }
    let from = lines
        .iter()
        .find_map(|line| from.captures(line))
        .map(|parts| parts[1].to_owned());
    Ok(Replication {
        from,
        unavailable: unavailable.filter(|_| rows.is_empty()),
        rows,
    })
}

/// One side of Live Data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LiveData {
    /// `PAIRED-ACTIVE`, `PAIRED-STANDBY`, `ISOLATED-ACTIVE`, ...
    pub state: String,
    /// `A` or `B`.
    pub side: Option<String>,
}

impl LiveData {
    /// Whether both sides know each other.
    #[must_use]
    pub fn is_paired(&self) -> bool {
        self.state.to_ascii_uppercase().starts_with("PAIRED")
    }

    /// Whether this side serves alone.
    #[must_use]
    pub fn serves_alone(&self) -> bool {
        self.state.eq_ignore_ascii_case("ISOLATED-ACTIVE")
    }
}

/// The word below `# Cluster state..`.
pub(crate) fn live_data(lines: &[String]) -> Result<LiveData, ReadError> {
    let heading = pattern!(r"(?i)^\s*#\s*cluster state");
    let state = lines
        .iter()
        .skip_while(|line| !heading.is_match(line))
        .skip(1)
        .map(|line| line.trim())
        .find(|line| !line.is_empty())
        .ok_or_else(|| ReadError::missing("cluster state"))?;
    Ok(LiveData {
        state: state.to_owned(),
        side: field(lines, "Cluster ID").map(str::to_owned),
    })
}
