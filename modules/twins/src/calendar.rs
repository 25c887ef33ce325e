//! Printing times as a node prints them.

use crate::spec::TimeZone;
use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone as Zone};

/// A time of a node's clock.
pub(crate) struct Moment<'a> {
    /// Seconds since 1970.
    pub(crate) unix: i64,
    pub(crate) zone: &'a TimeZone,
}

impl Moment<'_> {
    /// `Fri Feb 04 15:31:39 PST 2022`, as certificates are shown.
    pub(crate) fn certificate(&self) -> String {
        let day = self.format("%a %b %d %H:%M:%S");
        let year = self.format("%Y");
        format!("{day} {} {year}", self.zone.abbreviation)
    }

    /// With the fields of `strftime`, in the node's zone.
    pub(crate) fn format(&self, format: &str) -> String {
        let offset = Offset::from_seconds(self.zone.minutes * 60).unwrap_or(Offset::UTC);
        let stamp = Timestamp::from_second(self.unix).unwrap_or_default();
        let local = stamp.to_zoned(Zone::fixed(offset));
        local.strftime(format).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_in_the_zone_of_the_node() {
        let zone = TimeZone {
            abbreviation: "PST".to_owned(),
            minutes: -480,
        };
        let moment = Moment {
            unix: 1_644_017_499,
            zone: &zone,
        };
        assert_eq!(moment.certificate(), "Fri Feb 04 15:31:39 PST 2022");
        assert_eq!(
            moment.format("%a %b %d, %Y %H:%M:%S"),
            "Fri Feb 04, 2022 15:31:39"
        );
    }
}
