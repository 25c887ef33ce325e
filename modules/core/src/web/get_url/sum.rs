//! The sum that a fetched file must have.

use cutover_kit::{Failure, FailureKind, Reach, Read};

use super::super::exchange::{Answer, script};
use super::Args;
use crate::disk;
use crate::steps::{ask_with, misfit};

/// A sum, and how it is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sum {
    pub(super) algorithm: disk::Sum,
    /// In small letters.
    pub(super) hex: String,
}

impl Sum {
    /// As the task writes it; looked up in its list where it is an address.
    pub(super) async fn read(written: &str, args: &Args, reach: &Reach<Read>) -> Result<Self, Failure> {
        let (algorithm, sum) = written.split_once(':').ok_or_else(|| {
            misfit("checksum: this is the algorithm, a colon, and the sum or the address of a list of sums")
        })?;
        let named = algorithm.trim().to_lowercase();
        let algorithm = disk::Sum::named(&named)
            .ok_or_else(|| misfit(format!("checksum: `{named}` is no algorithm; sha256 is one")))?;
        let sum = sum.trim();
        let hex = match sum.contains("://") {
            true => looked_up(sum, args, reach).await?,
            false => sum.chars().filter(char::is_ascii_alphanumeric).collect(),
        };
        Ok(Self {
            algorithm,
            hex: hex.to_lowercase(),
        })
    }
}

async fn looked_up(address: &str, args: &Args, reach: &Reach<Read>) -> Result<String, Failure> {
    let request = args.request(address)?;
    let executed = ask_with(&script(&request, true, ":"), Some(&request.config()), reach).await?;
    let answer = Answer::read(&executed)?;
    let list = String::from_utf8_lossy(&answer.body).into_owned();
    let name = args.name()?;
    listed(&list, &name).ok_or_else(|| {
        let message = format!("Unable to find a checksum for file '{name}' in '{address}'");
        Failure::new(FailureKind::Preflight, message)
    })
}

/// The sum of a file in a list as `sha256sum` writes it; a list of one sum is that of any file.
fn listed(list: &str, name: &str) -> Option<String> {
    let all: Vec<_> = list
        .lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            Some((words.next()?, words.next()))
        })
        .collect();
    if let [(sum, None)] = all[..] {
        return Some(sum.to_owned());
    }
    let of = |file: &str| file.trim_start_matches(['*', '.', '/']) == name;
    all.iter()
        .find(|(_, file)| file.is_some_and(of))
        .map(|(sum, _)| (*sum).to_owned())
}
