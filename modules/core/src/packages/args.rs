//! What tasks write of packages.

use cutover_kit::Failure;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::order::{Order, State};
use super::{Manager, package_name};
use crate::steps::misfit;

/// Arguments that come down to an order.
pub trait Asks: DeserializeOwned + JsonSchema + Send + Sync + 'static {
    /// The module's name.
    const NAME: &'static str;

    /// What exactly is wanted.
    fn order(&self) -> Result<Order, Failure>;
}

/// Installs, updates or removes packages, with apt-get, dnf or yum, whichever the host has.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PackageArgs {
    /// The packages, as the host's package manager calls them.
    #[schemars(extend("aliases" = ["pkg"]))]
    name: Vec<String>,
    /// `present` (default), `latest` or `absent`.
    state: State,
    /// Which package manager: `auto` (default), `apt`, `dnf`, `dnf5` or `yum`.
    #[serde(rename = "use")]
    using: Option<String>,
    /// Whether the host's lists of packages are read again, first.
    #[schemars(extend("aliases" = ["update-cache"]))]
    update_cache: bool,
}

/// Installs, updates or removes packages with apt-get.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AptArgs {
    /// The packages: `name`, `name=version` (`*` stands for anything), `name/release`. `*` with `latest` is all that are there.
    #[schemars(extend("aliases" = ["package", "pkg"]))]
    name: Vec<String>,
    /// `present` (default), `latest` or `absent`.
    state: State,
    /// Whether the lists of packages are read again, first. Alone, this is what the task does.
    #[schemars(extend("aliases" = ["update-cache"]))]
    update_cache: bool,
    /// For how many seconds the lists stay good; sets `update_cache`.
    cache_valid_time: Option<u32>,
    /// Bring all packages up to date: `no` (default), `yes` or `safe`, `dist` or `full`.
    upgrade: Option<String>,
    /// From which release.
    #[schemars(extend("aliases" = ["default-release"]))]
    default_release: Option<String>,
    /// Whether recommended packages come with them; what the host's settings say by default.
    #[schemars(extend("aliases" = ["install-recommends"]))]
    install_recommends: Option<bool>,
    /// Whether only packages that are there are brought up to date.
    only_upgrade: bool,
    /// Whether an older version may take the place of a newer one.
    #[schemars(extend("aliases" = ["allow-downgrade", "allow_downgrades", "allow-downgrades"]))]
    allow_downgrade: bool,
    /// Whether packages may come that nobody signed.
    #[schemars(extend("aliases" = ["allow-unauthenticated"]))]
    allow_unauthenticated: bool,
    /// Whether packages that are held may change.
    allow_change_held_packages: bool,
    /// Whether apt-get may do what it otherwise refuses.
    force: bool,
    /// Whether settings go with what is removed.
    purge: bool,
    /// Whether what nothing needs any more is removed, too. Alone, this is what the task does.
    autoremove: bool,
    /// Options for dpkg, with commas between them.
    dpkg_options: String,
    /// How many seconds to wait for another that holds dpkg's lock.
    lock_timeout: u32,
    /// Accepted for the sake of existing playbooks: it is always apt-get.
    force_apt_get: Option<bool>,
    /// Accepted for the sake of existing playbooks: no Python is needed on the host.
    auto_install_module_deps: Option<bool>,
}

impl Default for AptArgs {
    fn default() -> Self {
        Self {
            name: Vec::new(),
            state: State::Present,
            update_cache: false,
            cache_valid_time: None,
            upgrade: None,
            default_release: None,
            install_recommends: None,
            only_upgrade: false,
            allow_downgrade: false,
            allow_unauthenticated: false,
            allow_change_held_packages: false,
            force: false,
            purge: false,
            autoremove: false,
            dpkg_options: "force-confdef,force-confold".into(),
            lock_timeout: 60,
            force_apt_get: None,
            auto_install_module_deps: None,
        }
    }
}

/// Installs, updates or removes packages with dnf, or with yum on a host that has no dnf.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DnfArgs {
    /// The packages: `name`, `name-version`, `name >= 1.0`, a file or address of one, `@group`. `*` with `latest` is all that are there.
    #[schemars(extend("aliases" = ["pkg"]))]
    name: Vec<String>,
    /// `present` (default), `latest` or `absent`.
    state: State,
    /// Whether the lists of packages are read again, first.
    #[schemars(extend("aliases" = ["expire-cache"]))]
    update_cache: bool,
    /// Whether only packages that are there are brought up to date.
    update_only: bool,
    /// Whether what nothing needs any more is removed, too. Alone, this is what the task does.
    autoremove: bool,
    /// Repositories to use as well.
    enablerepo: Vec<String>,
    /// Repositories not to use.
    disablerepo: Vec<String>,
    /// Packages to leave alone.
    exclude: Vec<String>,
    /// Whether signatures are not checked.
    disable_gpg_check: bool,
    /// Whether what cannot be installed is left out.
    skip_broken: bool,
    /// Whether an older version will do where the newest cannot be installed.
    nobest: bool,
    /// Whether others may be removed to make room.
    allowerasing: bool,
    /// With `latest`: only updates that mend security.
    security: bool,
    /// With `latest`: only updates that mend faults.
    bugfix: bool,
    /// Whether recommended packages come with them; what the host's settings say by default.
    install_weak_deps: Option<bool>,
    /// The release whose packages are meant.
    releasever: Option<String>,
    /// Whether certificates of repositories are checked. Default: yes.
    #[schemars(extend("aliases" = ["validate_certs"]))]
    sslverify: Option<bool>,
    /// Accepted for the sake of existing playbooks: the manager itself waits for its lock.
    lock_timeout: Option<i64>,
}

/// Installs, updates or removes packages; another name of `dnf`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct YumArgs(DnfArgs);

/// Installs, updates or removes packages; another name of `dnf`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Dnf5Args(DnfArgs);

/// The packages by themselves, and whether all of the host are meant.
fn packages(names: &[String]) -> Result<(Vec<String>, bool), Failure> {
    let names = names.iter().map(|name| name.trim());
    let (all, named): (Vec<&str>, Vec<&str>) = names.partition(|name| *name == "*");
    named.iter().try_for_each(|name| package_name(name))?;
    Ok((named.into_iter().map(str::to_owned).collect(), !all.is_empty()))
}

fn given(pairs: &[(bool, &str)]) -> Vec<String> {
    let chosen = pairs.iter().filter(|(on, _)| *on);
    chosen.map(|(_, word)| (*word).to_owned()).collect()
}

impl Asks for PackageArgs {
    const NAME: &'static str = "package";

    fn order(&self) -> Result<Order, Failure> {
        let managers = match self.using.as_deref() {
            None | Some("auto") => vec![Manager::Apt, Manager::Dnf, Manager::Yum],
            Some("apt" | "ansible.builtin.apt") => vec![Manager::Apt],
            Some("dnf" | "dnf5" | "yum" | "ansible.builtin.dnf") => vec![Manager::Dnf, Manager::Yum],
            Some(other) => {
                return Err(misfit(format!(
                    "use: `{other}` is none of auto, apt, dnf, dnf5 and yum"
                )));
            }
        };
        let (packages, everything) = packages(&self.name)?;
        if packages.is_empty() && !everything {
            return Err(misfit("missing required arguments: name"));
        }
        Ok(Order {
            packages,
            everything,
            state: self.state,
            reads_lists: self.update_cache,
            managers,
            apt: AptArgs::default().always(),
            ..Order::default()
        })
    }
}

impl Asks for AptArgs {
    const NAME: &'static str = "apt";

    fn order(&self) -> Result<Order, Failure> {
        let upgrade = match self.upgrade.as_deref() {
            None | Some("no" | "False" | "false") => None,
            Some("yes" | "safe" | "True" | "true") => Some("upgrade --with-new-pkgs"),
            Some("dist") => Some("dist-upgrade"),
            Some("full") => Some("full-upgrade"),
            Some(other) => {
                return Err(misfit(format!(
                    "upgrade: `{other}` is none of no, yes, safe, dist and full"
                )));
            }
        };
        let (packages, everything) = packages(&self.name)?;
        if everything && !packages.is_empty() {
            return Err(misfit("name: `*` stands alone"));
        }
        let mut installing = given(&[
            (self.allow_downgrade, "--allow-downgrades"),
            (self.allow_unauthenticated, "--allow-unauthenticated"),
            (self.allow_change_held_packages, "--allow-change-held-packages"),
            (self.force, "--force-yes"),
        ]);
        installing.extend(
            self.default_release
                .iter()
                .map(|it| format!("--target-release={it}")),
        );
        installing.extend(
            self.install_recommends
                .map(|on| format!("-oAPT::Install-Recommends={}", if on { "yes" } else { "no" })),
        );
        Ok(Order {
            packages,
            everything,
            state: self.state,
            managers: vec![Manager::Apt],
            reads_lists: self.update_cache || self.cache_valid_time.is_some(),
            lists_last: self.cache_valid_time.map(i64::from),
            only_there: self.only_upgrade,
            clears: self.autoremove,
            purges: self.purge,
            upgrade,
            apt: self.always(),
            options: Vec::new(),
            installing,
        })
    }
}

impl AptArgs {
    /// Options that keep `apt-get` from asking, and from giving up while another holds its lock.
    fn always(&self) -> Vec<String> {
        let dpkg = self.dpkg_options.split(',').map(str::trim);
        let dpkg = dpkg.filter(|word| !word.is_empty());
        let mut options = vec![format!("-oDPkg::Lock::Timeout={}", self.lock_timeout)];
        options.extend(dpkg.map(|word| format!("-oDpkg::Options::=--{word}")));
        options
    }
}

impl Asks for DnfArgs {
    const NAME: &'static str = "dnf";

    fn order(&self) -> Result<Order, Failure> {
        let (packages, everything) = packages(&self.name)?;
        let mut options = given(&[
            (self.disable_gpg_check, "--nogpgcheck"),
            (self.sslverify == Some(false), "--setopt=sslverify=0"),
        ]);
        let each = |name: &'static str, words: &[String]| -> Vec<String> {
            words.iter().map(|word| format!("--{name}={word}")).collect()
        };
        options.extend(each("disablerepo", &self.disablerepo));
        options.extend(each("enablerepo", &self.enablerepo));
        options.extend(each("exclude", &self.exclude));
        options.extend(self.releasever.iter().map(|it| format!("--releasever={it}")));
        let mut installing = given(&[
            (self.skip_broken, "--skip-broken"),
            (self.nobest, "--nobest"),
            (self.allowerasing, "--allowerasing"),
        ]);
        if self.state == State::Latest {
            options.extend(given(&[(self.security, "--security"), (self.bugfix, "--bugfix")]));
        }
        installing.extend(
            self.install_weak_deps
                .map(|on| format!("--setopt=install_weak_deps={}", if on { "True" } else { "False" })),
        );
        Ok(Order {
            packages,
            everything,
            state: self.state,
            managers: vec![Manager::Dnf, Manager::Yum],
            reads_lists: self.update_cache,
            only_there: self.update_only,
            clears: self.autoremove,
            options,
            installing,
            ..Order::default()
        })
    }
}

impl Asks for Dnf5Args {
    const NAME: &'static str = "dnf5";

    fn order(&self) -> Result<Order, Failure> {
        self.0.order()
    }
}

impl Asks for YumArgs {
    const NAME: &'static str = "yum";

    fn order(&self) -> Result<Order, Failure> {
        self.0.order()
    }
}
