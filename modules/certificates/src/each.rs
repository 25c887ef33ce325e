//! Reading many hosts side by side.

use cutover_kit::{Failure, FailureKind, Reach, Read};
use tokio::task::JoinSet;

/// How many hosts are read at once.
const AT_ONCE: usize = 16;

/// What `read` brings for every item, in the items' order.
pub(crate) async fn each<I, T, R>(
    reach: &Reach<Read>,
    items: impl IntoIterator<Item = I>,
    read: impl Fn(Reach<Read>, I) -> R,
) -> Result<Vec<T>, Failure>
where
    R: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    let mut running = JoinSet::new();
    let mut done = Vec::new();
    for (index, item) in items.into_iter().enumerate() {
        while running.len() >= AT_ONCE {
            done.extend(running.join_next().await);
        }
        let reading = read(reach.clone(), item);
        running.spawn(async move { (index, reading.await) });
    }
    while let Some(one) = running.join_next().await {
        done.push(one);
    }
    let mut done = done.into_iter().collect::<Result<Vec<_>, _>>().map_err(|error| {
        Failure::new(
            FailureKind::Internal,
            format!("a reading did not come to its end: {error}"),
        )
    })?;
    done.sort_by_key(|(index, _)| *index);
    Ok(done.into_iter().map(|(_, one)| one).collect())
}
