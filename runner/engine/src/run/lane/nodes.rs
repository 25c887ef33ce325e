//! The nodes of a phase in one lane: one after the other by their role, or side by side.

use cutover_kit::estate;
use cutover_language::playbook::{Nodes, Phase};
use tokio::task::JoinSet;

use super::{Halt, LaneRun};
use crate::run::sections::crashed;
use crate::run::stopped::Stopped;

impl LaneRun {
    /// Every node in its time, or the first that could not be done.
    pub(super) async fn nodes(&self, index: usize, phase: &Phase, hosts: &[String]) -> Result<(), Halt> {
        match &phase.nodes {
            Nodes::All => self.side_by_side(index, hosts).await,
            Nodes::InTurn(roles) => {
                for role in roles {
                    for host in hosts.iter().filter(|host| self.role(host) == *role) {
                        self.window(index, phase, host)?;
                        self.node(index, phase, host).await?;
                    }
                }
                Ok(())
            }
        }
    }

    fn role(&self, host: &str) -> estate::Node {
        self.play
            .world
            .estate()
            .host(host)
            .map_or(estate::Node::Primary, |host| host.node)
    }

    /// Asked again before each node: the window may have closed meanwhile.
    fn window(&self, index: usize, phase: &Phase, host: &str) -> Result<(), Halt> {
        if !phase.window {
            return Ok(());
        }
        self.play
            .window_allows(&self.lane, &self.lanes, index, host)
            .map_err(|failure| Halt {
                host: host.to_owned(),
                stopped: Stopped::by(failure),
            })
    }

    async fn side_by_side(&self, index: usize, hosts: &[String]) -> Result<(), Halt> {
        if let (Some(first), phase) = (hosts.first(), &self.phases()[index]) {
            self.window(index, phase, first)?;
        }
        let mut nodes = JoinSet::new();
        for host in hosts {
            let (lane, host) = (self.clone(), host.clone());
            nodes.spawn(async move { lane.node(index, &lane.phases()[index], &host).await });
        }
        let mut result = Ok(());
        while let Some(node) = nodes.join_next().await {
            match node {
                Ok(ended) => result = result.and(ended),
                Err(panic) => result = result.and(Err(self.halt(Stopped::by(crashed(&panic))))),
            }
        }
        result
    }
}
