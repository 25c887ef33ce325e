//! `serial`: how hosts, or in a phase lanes, are cut into batches.

use cutover_language::playbook::Share;

/// The batches of `count` members: the last size repeats until all are placed.
pub(super) fn cut(count: usize, shares: &[Share]) -> Vec<usize> {
    let mut sizes = Vec::new();
    let mut placed = 0;
    while placed < count {
        let share = shares.get(sizes.len()).or(shares.last());
        let size = share
            .map_or(count, |share| share.of(count))
            .clamp(1, count - placed);
        sizes.push(size);
        placed += size;
    }
    sizes
}

/// The members of all batches before the one that `member` is in.
pub(super) fn before(members: &[String], shares: &[Share], member: &str) -> Vec<String> {
    let at = members.iter().position(|name| name == member).unwrap_or(0);
    let mut begin = 0;
    for size in cut(members.len(), shares) {
        if at < begin + size {
            break;
        }
        begin += size;
    }
    members[..begin].to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_size_repeats_until_all_are_placed() {
        assert_eq!(cut(7, &[]), [7]);
        assert_eq!(cut(7, &[Share::Count(1), Share::Count(3)]), [1, 3, 3]);
        assert_eq!(cut(7, &[Share::Percent(30.0)]), [2, 2, 2, 1]);
        assert_eq!(cut(0, &[]), [0; 0]);
    }

    #[test]
    fn a_lane_waits_for_the_waves_before_its_own() {
        let lanes: Vec<String> = ["a", "b", "c", "d"].map(str::to_owned).to_vec();
        assert_eq!(before(&lanes, &[Share::Count(1), Share::Count(2)], "c"), ["a"]);
        assert_eq!(
            before(&lanes, &[Share::Count(1), Share::Count(2)], "d"),
            ["a", "b", "c"]
        );
        assert!(before(&lanes, &[], "d").is_empty());
    }
}
