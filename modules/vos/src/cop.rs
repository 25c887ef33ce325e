//! `vos_cop`: a COP file, installed.

use cutover_kit::module::{Effects, Repeat, Traits};
use cutover_kit::{
    Applied, Change, Failure, FailureKind, Module, Plan, Platform, Proved, Reach, Read, Secret, Write,
};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::device::{Download, Vos};
use crate::fields::{fields, value};
use crate::read::Version;

/// Installs a COP file from an SFTP server.
///
/// Nothing is done where the node lists it as installed. It takes effect after a restart, where its
/// own instructions say so. It cannot be taken out again, only undone by a rollback COP, which is
/// installed in the same way.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Args {
    /// The file's name, with `.sgn` where it has it.
    file: String,
    /// The SFTP server, as the node reaches it.
    server: String,
    /// The folder on it.
    directory: String,
    /// The account there.
    user: String,
    /// Its password.
    password: Secret,
}

/// The module.
pub struct VosCop;

/// What there is.
pub struct Facts {
    host: String,
    version: Version,
}

/// The installation.
pub struct Install(String);

impl Change for Install {
    fn describe(&self) -> String {
        format!("install {}", self.0)
    }

    fn no_return(&self) -> Option<String> {
        Some("a COP file cannot be taken out again; where there is a rollback COP, it undoes it".to_owned())
    }
}

impl Module for VosCop {
    const NAME: &'static str = "vos_cop";
    type Args = Args;
    type Facts = Facts;
    type Change = Install;

    fn traits(&self) -> Traits {
        Traits {
            platforms: &[Platform::Vos],
            collective: false,
            repeat: Repeat::Probe,
            effects: Effects::Device,
            free_form: None,
            usual: "15 min",
        }
    }

    async fn look(&self, args: &Args, reach: &Reach<Read>) -> Result<Facts, Failure> {
        let lines = [&args.file, &args.server, &args.directory, &args.user];
        let secret = args.password.expose();
        if lines
            .into_iter()
            .map(String::as_str)
            .chain([secret])
            .any(|it| it.contains(char::is_control))
        {
            let message = "no argument may hold control characters";
            return Err(Failure::new(FailureKind::Arguments, message));
        }
        let host = reach.host().name.clone();
        let version = reach.reader::<Vos>(&host).await?.version().await?;
        Ok(Facts { host, version })
    }

    fn plan(&self, args: &Args, facts: &Facts) -> Result<Plan<Install>, Failure> {
        if facts.version.has(&args.file) {
            return Ok(Plan::nothing(format!("{} is installed", args.file)));
        }
        let install = Install(args.file.clone());
        Ok(Plan::of(vec![install], format!("{} is not installed", args.file)))
    }

    async fn apply(
        &self,
        args: &Args,
        _: &Facts,
        _: &Install,
        reach: &Reach<Write>,
    ) -> Result<Applied, Failure> {
        let download = Download {
            file: args.file.clone(),
            server: args.server.clone(),
            directory: args.directory.clone(),
            user: args.user.clone(),
            password: args.password.clone(),
        };
        reach.writer::<Vos>().await?.install_option(download).await?;
        Ok(Applied::default())
    }

    async fn prove(&self, args: &Args, facts: &Facts, reach: &Reach<Read>) -> Result<Proved, Failure> {
        let version = reach.reader::<Vos>(&facts.host).await?.version().await?;
        if version.has(&args.file) {
            return Ok(Proved {
                fields: fields([("version", value(&version))]),
                ..Proved::default()
            });
        }
        let message = format!("{} does not list {} as installed", facts.host, args.file);
        Err(Failure::new(FailureKind::NotProved, message))
    }
}
