//! Who we are there: the account, its environment, the date, keys.

use serde_json::{Map, Value as Json, json};

use super::sections::Sections;

/// Facts about the account, its environment and the hour.
pub(super) fn facts(sections: &Sections<'_>) -> Map<String, Json> {
    let mut facts = account(sections);
    facts.insert("env".into(), environment(sections));
    if let Some(date) = date_time(sections) {
        facts.insert("date_time".into(), date);
    }
    facts.extend(host_keys(sections));
    facts
}

fn account(sections: &Sections<'_>) -> Map<String, Json> {
    let number = |at: usize| sections.nth("user", at).and_then(|text| text.parse::<u64>().ok());
    let mut entry = sections.line("passwd").unwrap_or_default().split(':').skip(3);
    let mut field = || entry.next().unwrap_or_default().to_owned();
    let (gid, gecos, home, shell) = (field(), field(), field(), field());
    let facts = json!({
        "user_id": sections.nth("user", 0),
        "user_uid": number(1),
        "user_gid": gid.parse::<u64>().ok().or_else(|| number(3)),
        "user_gecos": gecos,
        "user_dir": home,
        "user_shell": shell,
        "real_user_id": number(2),
        "effective_user_id": number(1),
        "real_group_id": number(4),
        "effective_group_id": number(3),
    });
    object(facts)
}

/// Line ends inside of values came as another byte.
fn environment(sections: &Sections<'_>) -> Json {
    let pairs = sections
        .lines("env")
        .iter()
        .filter_map(|line| line.split_once('='));
    let pairs = pairs.filter(|(name, _)| !name.is_empty());
    pairs
        .map(|(name, value)| (name.to_owned(), Json::from(value.replace('\u{1}', "\n"))))
        .collect::<Map<_, _>>()
        .into()
}

fn date_time(sections: &Sections<'_>) -> Option<Json> {
    let local: Vec<&str> = sections.nth("date", 0)?.split('|').collect();
    let [
        year,
        month,
        day,
        hour,
        minute,
        second,
        weekday,
        number,
        week,
        zone,
        offset,
        epoch,
    ] = local[..]
    else {
        return None;
    };
    let utc: Vec<&str> = sections.nth("date", 1)?.split('|').collect();
    let [y, m, d, h, min, s] = utc[..] else {
        return None;
    };
    let digits = |text: &&str| text.len() == 6 && text.chars().all(|c| c.is_ascii_digit());
    let micro = sections.nth("date", 2).filter(digits).unwrap_or("000000");
    Some(json!({
        "year": year, "month": month, "day": day, "hour": hour, "minute": minute, "second": second,
        "weekday": weekday, "weekday_number": number, "weeknumber": week,
        "date": format!("{year}-{month}-{day}"),
        "time": format!("{hour}:{minute}:{second}"),
        "epoch": epoch, "epoch_int": epoch,
        "iso8601": format!("{y}-{m}-{d}T{h}:{min}:{s}Z"),
        "iso8601_micro": format!("{y}-{m}-{d}T{h}:{min}:{s}.{micro}Z"),
        "iso8601_basic": format!("{year}{month}{day}T{hour}{minute}{second}{micro}"),
        "iso8601_basic_short": format!("{year}{month}{day}T{hour}{minute}{second}"),
        "tz": zone, "tz_dst": zone, "tz_offset": offset,
    }))
}

fn host_keys(sections: &Sections<'_>) -> Map<String, Json> {
    let mut facts = Map::new();
    for line in sections.lines("host_keys") {
        let mut words = line.split_whitespace();
        let (Some(kind), Some(key)) = (words.next(), words.next()) else {
            continue;
        };
        let name = match kind {
            "ssh-rsa" => "rsa",
            "ssh-dss" => "dsa",
            "ssh-ed25519" => "ed25519",
            other if other.starts_with("ecdsa-") => "ecdsa",
            _ => continue,
        };
        facts.insert(format!("ssh_host_key_{name}_public"), key.into());
        facts.insert(format!("ssh_host_key_{name}_public_keytype"), kind.into());
    }
    facts
}

/// The members of a JSON object.
pub(super) fn object(json: Json) -> Map<String, Json> {
    match json {
        Json::Object(members) => members,
        _ => Map::new(),
    }
}
