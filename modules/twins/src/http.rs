//! The little HTTP that a health check needs.

use crate::product::Product;
use crate::state::node::ServiceState;
use crate::state::world::{NodeId, World};

/// Answers one request on a node's listener.
pub(crate) fn answer(world: &World, id: NodeId, port: u16, request: &[u8]) -> Vec<u8> {
    let request = String::from_utf8_lossy(request);
    let mut words = request.lines().next().unwrap_or_default().split(' ');
    let (method, path) = (words.next(), words.next().unwrap_or_default());
    let setup = &world.node(id).setup;
    let finesse = setup.runs(Product::Finesse) || setup.runs(Product::Uccx);
    let path = path.split('?').next().unwrap_or_default();
    if port == 8445 && finesse && method == Some("GET") && path == "/finesse/api/SystemInfo" {
        return response("200 OK", "application/xml", &system_info(world, id));
    }
    response("404 Not Found", "text/plain", "not found\n")
}

/// Finesse is in service once its Tomcat and its notification service run.
fn system_info(world: &World, id: NodeId) -> String {
    let node = world.node(id);
    let started = |service: &str| node.service(service) == ServiceState::Started;
    let notifications = node.setup.products.iter().filter_map(|p| p.notification());
    let status = if started("Cisco Finesse Tomcat") && notifications.into_iter().all(started) {
        "IN_SERVICE"
    } else {
        "OUT_OF_SERVICE"
    };
    let address = &node.setup.spec.address;
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <SystemInfo>\n  <deploymentType>UCCE</deploymentType>\n  \
         <primaryNode><host>{address}</host></primaryNode>\n  \
         <status>{status}</status>\n  <uri>/finesse/api/SystemInfo</uri>\n</SystemInfo>\n"
    )
}

fn response(status: &str, kind: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\
         Connection: close\r\n\r\n{body}"
    )
    .into_bytes()
}
