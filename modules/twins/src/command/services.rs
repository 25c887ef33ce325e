//! `utils service`.

use super::reply::Reply;
use super::run::Desk;
use crate::product::{Kind, Service};
use crate::state::node::ServiceState;
use crate::state::services::Action;

impl Desk<'_> {
    pub(crate) fn list_services(&self) -> Reply {
        let mut text = String::from("Requesting service status, please wait...\n");
        let services = &self.node().setup.services;
        let is_platform = |s: &&Service| matches!(s.kind, Kind::Platform | Kind::Unused);
        for service in services.iter().filter(is_platform) {
            let (state, reason) = self.state_of(service);
            text += &format!("{} [{state}] {reason}\n", service.name);
        }
        text += "Service Manager is running\nGetting list of all services\n>> Return code = 0\n";
        for service in services.iter().filter(|s| !is_platform(s)) {
            let (state, reason) = self.state_of(service);
            text += &format!("{}[{state}]  {reason}\n", service.name);
        }
        text += &format!("Primary Node ={}\n", self.node().setup.spec.primary);
        self.say_slowly(text)
    }

    fn state_of(&self, service: &Service) -> (&'static str, &'static str) {
        let state = self.node().service(service.name);
        let reason = match (state, service.kind) {
            (ServiceState::Stopped, Kind::Unused) => " Service Not Activated",
            (ServiceState::Stopped, Kind::PrimaryOnly) => "Commanded Out of Service",
            (ServiceState::Stopped, _) => "Component is not running",
            _ => "",
        };
        (state.word(), reason)
    }

    pub(crate) fn service(&mut self, action: Action, name: &str) -> Reply {
        let mut services = self.node().setup.services.iter();
        let Some(service) = services.find(|s| s.name == name).copied() else {
            return self.fail(&format!("{name} is not a valid service name"));
        };
        self.world.command_service(self.id, service.name, action);
        self.told(service.name, action)
    }

    /// What the operator is told: a line a step, whatever the service really does.
    fn told(&self, name: &str, action: Action) -> Reply {
        use ServiceState::{Started, Starting, Stopped, Stopping};
        let mischief = &self.node().setup.spec.twin.mischief;
        let stuck = mischief.stuck_service.as_deref() == Some(name);
        let mut states = match action {
            Action::Stop => vec![Stopping, Stopped, Stopped],
            Action::Start => vec![Starting, Starting, Starting, Starting, Started, Started],
            Action::Restart => [&[Stopping; 2][..], &[Starting; 5], &[Started; 2]].concat(),
        };
        if stuck {
            states.retain(|state| *state != Started);
        }
        if mischief.returns_starting && action == Action::Restart {
            states.truncate(4);
        }
        let step = self.world.timing().service_step;
        let head = match action {
            Action::Start => String::new(),
            Action::Stop | Action::Restart => no_ctrl_c(action),
        };
        let head = format!("{head}Service Manager is running\n");
        let lines = states.iter().map(|s| format!("{name}[{}]  \n", s.word()));
        lines.fold(self.say(head), |reply, line| reply.after(step, line))
    }
}

fn no_ctrl_c(action: Action) -> String {
    let (doing, done) = match action {
        Action::Stop => ("STOPPED", "Stopped"),
        Action::Start | Action::Restart => ("RESTARTED", "Restarted"),
    };
    format!(
        " Don't press Ctrl-c while the service is getting {doing}.\
         If Service has not {done} Properly, execute the same Command Again\n"
    )
}
