//! `uri` and `get_url`: the web, as the host sees it, through its `curl`, or through GNU `wget`
//! where it has none.
//!
//! Addresses, headers, bodies and passwords reach `curl` as a configuration on standard input, so
//! that none of them shows in a process list.

pub(crate) mod exchange;
mod get_url;
mod uri;
mod wget;

pub use get_url::GetUrl;
pub use uri::Uri;

#[cfg(test)]
mod tests;
