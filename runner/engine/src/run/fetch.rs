//! What `lookup('url')` reads.

use cutover_language::template::Fetch;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::tls::{RootCerts, TlsConfig, TlsProvider};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, Error};

/// The body of the answer. With `loopback_only` no other machine is asked, not even where an answer
/// points at one.
pub(super) fn fetch(request: &Fetch, loopback_only: bool) -> Result<String, String> {
    let mut call = agent(request, loopback_only).get(&request.url);
    for (name, value) in &request.headers {
        call = call.header(name, value);
    }
    let body = call
        .call()
        .and_then(|mut answer| answer.body_mut().read_to_string());
    body.map_err(|error| match error {
        Error::Other(error) => format!("{} cannot be fetched: {error}", request.url),
        error => format!("{} cannot be fetched: {error}", request.url),
    })
}

fn agent(request: &Fetch, loopback_only: bool) -> Agent {
    let tls = TlsConfig::builder()
        .provider(TlsProvider::NativeTls)
        .root_certs(RootCerts::PlatformVerifier)
        .disable_verification(!request.validate_certs);
    let config = Agent::config_builder()
        .tls_config(tls.build())
        .timeout_global(Some(request.timeout));
    match loopback_only {
        false => config.build().new_agent(),
        // A proxy would go where we may not.
        true => Agent::with_parts(
            config.proxy(None).build(),
            DefaultConnector::default(),
            Loopback::default(),
        ),
    }
}

/// Finds no address but those of this machine.
#[derive(Debug, Default)]
struct Loopback(DefaultResolver);

impl Resolver for Loopback {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        let found = self.0.resolve(uri, config, timeout)?;
        match found
            .iter()
            .all(|address| address.ip().to_canonical().is_loopback())
        {
            true => Ok(found),
            false => Err(Error::Other(Box::new(OutsideLoopback(
                uri.host().unwrap_or_default().to_owned(),
            )))),
        }
    }
}

#[derive(Debug, thiserror::Error)]
#[error("{0} is outside loopback, and a rehearsal never leaves it")]
struct OutsideLoopback(String);

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::time::Duration;

    use super::*;

    fn get(url: &str, loopback_only: bool) -> Result<String, String> {
        let request = Fetch {
            url: url.to_owned(),
            headers: Default::default(),
            validate_certs: true,
            timeout: Duration::from_secs(5),
        };
        fetch(&request, loopback_only)
    }

    /// The address of one who gives this answer once.
    fn answering(answer: &str) -> String {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let answer = answer.to_owned();
        std::thread::spawn(move || {
            let (mut asker, _) = listener.accept().unwrap();
            let _ = asker.read(&mut [0; 4096]).unwrap();
            asker.write_all(answer.as_bytes()).unwrap();
        });
        url
    }

    #[test]
    fn a_rehearsal_asks_this_machine_and_no_other() {
        let hello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello";
        assert_eq!(get(&answering(hello), true).unwrap(), "hello");
        // An address for documents, which nobody has.
        let away = "HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/\r\nContent-Length: 0\r\n\r\n";
        for url in [answering(away), "http://192.0.2.1/".to_owned()] {
            assert_eq!(
                get(&url, true).unwrap_err(),
                format!(
                    "{url} cannot be fetched: 192.0.2.1 is outside loopback, and a rehearsal never leaves it"
                )
            );
        }
    }
}
