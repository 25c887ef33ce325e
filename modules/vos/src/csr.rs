//! `vos_csr`: a signing request, made once and kept until it is answered.

use std::path::PathBuf;

use cutover_kit::module::{Effects, Repeat, Traits};
use cutover_kit::session::KeyKind;
use cutover_kit::{
    Applied, Change, Failure, FailureKind, Known, Made, Module, Plan, Platform, Proved, Reach, Read, Write,
};
use cutover_x509::{AltName, Request};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::device::Vos;
use crate::fields::{fields, value};
use crate::slot::{Slot, marked};
use crate::unit::Unit;

/// Makes a certificate signing request on the node and writes it to a file.
///
/// Only where the slot is due. A request that waits on the node is kept and used, because a
/// new one would orphan the certificate that somebody may be signing for it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Args {
    /// The certificate slot: `tomcat` or `tomcat-ECDSA`.
    #[serde(default = "Unit::tomcat")]
    unit: Unit,
    /// The file on this machine that the request is written to, as PEM.
    dest: PathBuf,
    /// The answer where a release asks whether the organizational unit goes into the request.
    #[serde(default)]
    include_ou: bool,
    /// Make a new request where the one on the node does not fit. Its key is lost, and with it
    /// any certificate that is being signed for it.
    #[serde(default)]
    replace: bool,
}

/// The module.
pub struct VosCsr;

/// What there is.
pub struct Facts {
    slot: Slot,
    fqdn: String,
    request: Option<Request>,
    file: Option<Vec<u8>>,
}

/// A change.
pub enum Csr {
    /// Make a request on the node.
    Make {
        /// The slot.
        unit: Unit,
        /// Whether one goes away with it.
        replaces: bool,
    },
    /// Write it to the file.
    Save(PathBuf),
}

impl Change for Csr {
    fn describe(&self) -> String {
        match self {
            Self::Make {
                unit,
                replaces: false,
            } => format!("make a request for {unit}"),
            Self::Make { unit, replaces: true } => {
                format!("make a request for {unit} in place of the one on the node")
            }
            Self::Save(path) => format!("write the request to {}", path.display()),
        }
    }
}

impl Module for VosCsr {
    const NAME: &'static str = "vos_csr";
    type Args = Args;
    type Facts = Facts;
    type Change = Csr;

    fn traits(&self) -> Traits {
        Traits {
            platforms: &[Platform::Vos],
            collective: false,
            repeat: Repeat::Probe,
            effects: Effects::Device,
            free_form: None,
            usual: "30 s",
        }
    }

    async fn look(&self, args: &Args, reach: &Reach<Read>) -> Result<Facts, Failure> {
        let host = reach.host();
        let slot = Slot::read(reach, host, &args.unit).await?;
        let mut facts = Facts {
            slot,
            fqdn: host.fqdn.clone(),
            request: None,
            file: None,
        };
        if facts.slot.is_due() {
            let reader = reach.reader::<Vos>(&host.name).await?;
            facts.request = reader.request(&args.unit).await?;
            facts.file = match reach.read(&args.dest)? {
                Known::Now(bytes) => Some(bytes),
                Known::Later(_) | Known::Absent => None,
            };
        }
        Ok(facts)
    }

    fn plan(&self, args: &Args, facts: &Facts) -> Result<Plan<Csr>, Failure> {
        let slot = &facts.slot;
        if !slot.is_due() {
            return Ok(Plan::nothing(slot.why_not()).with(fields([("due", value(&slot.due))])));
        }
        let save = || Csr::Save(args.dest.clone());
        let kept = kept(args, facts)?;
        let (changes, why) = match kept {
            None => {
                let unit = args.unit.clone();
                let replaces = facts.request.is_some();
                let why = format!("{} is due: {}", args.unit, slot.due);
                (vec![Csr::Make { unit, replaces }, save()], why)
            }
            Some(request) if facts.file.as_deref() == Some(request.to_pem().as_bytes()) => {
                (vec![], "the request on the node is in the file".to_owned())
            }
            Some(_) => (
                vec![save()],
                "a request waits on the node, and is kept".to_owned(),
            ),
        };
        let mut result = fields([("due", value(&slot.due))]);
        if let Some(request) = kept {
            result.extend(fields([("request", value(request))]));
        }
        let made = (!changes.is_empty()).then(|| Made::File(args.dest.clone()));
        Ok(Plan::of(changes, why).with(result).making(made))
    }

    async fn apply(
        &self,
        args: &Args,
        _: &Facts,
        change: &Csr,
        reach: &Reach<Write>,
    ) -> Result<Applied, Failure> {
        let writer = reach.writer::<Vos>().await?;
        match change {
            Csr::Make { unit, .. } => writer.make_request(unit, args.include_ou).await?,
            Csr::Save(path) => {
                let request = present(&args.unit, writer.reading().request(&args.unit).await?)?;
                reach.write(path, request.to_pem().as_bytes())?;
                let fields = fields([("request", value(&request))]);
                return Ok(Applied {
                    fields,
                    ..Applied::default()
                });
            }
        }
        Ok(Applied::default())
    }

    async fn prove(&self, args: &Args, facts: &Facts, reach: &Reach<Read>) -> Result<Proved, Failure> {
        let reader = reach.reader::<Vos>(&facts.slot.host).await?;
        let request = present(&args.unit, reader.request(&args.unit).await?)?;
        match reach.read(&args.dest)? {
            Known::Now(bytes) if bytes == request.to_pem().as_bytes() => Ok(Proved::default()),
            _ => Err(Failure::new(
                FailureKind::NotProved,
                format!(
                    "the request for {} on the node is not the one in {}",
                    args.unit,
                    args.dest.display()
                ),
            )
            .hint("somebody else made another one just now; the next run takes that one")),
        }
    }
}

fn present(unit: &Unit, request: Option<Request>) -> Result<Request, Failure> {
    request.ok_or_else(|| {
        Failure::new(
            FailureKind::NotProved,
            format!("there is no request for {unit} on the node"),
        )
    })
}

/// The request on the node that is to be used, where there is one.
fn kept<'a>(args: &Args, facts: &'a Facts) -> Result<Option<&'a Request>, Failure> {
    let Some(request) = &facts.request else {
        return Ok(None);
    };
    let answered = facts
        .slot
        .installed
        .as_ref()
        .is_some_and(|installed| installed.public_key.sha256 == request.public_key.sha256);
    if answered {
        return Ok(None);
    }
    match misfit(request, &args.unit, &facts.fqdn) {
        None => Ok(Some(request)),
        Some(_) if args.replace => Ok(None),
        Some(reason) => Err(Failure::new(
            FailureKind::Preflight,
            format!("a request waits in {} of {}, and {reason}", args.unit, facts.slot.host),
        )
        .seen(format!("subject {}", request.subject))
        .hint("`replace: true` makes another; the key of this one is lost then, and any certificate being signed for it")),
    }
}

/// Why a request cannot be for this slot.
fn misfit(request: &Request, unit: &Unit, fqdn: &str) -> Option<String> {
    let key = &request.public_key.key;
    let fits = match unit.key() {
        KeyKind::Rsa => key.is_rsa(),
        KeyKind::Ecdsa => key.is_ec(),
    };
    if !fits {
        return Some(format!("its key is {key}"));
    }
    let named = |name: &str| {
        let by_cn = |cn: &str| cn.eq_ignore_ascii_case(name);
        request.names().contains(&AltName::dns(name))
            || (request.names().is_empty() && request.subject.common_name().is_some_and(by_cn))
    };
    let named = named(fqdn) || (unit.key() == KeyKind::Ecdsa && named(&marked(fqdn)));
    (!named).then(|| format!("it does not name {fqdn}"))
}
