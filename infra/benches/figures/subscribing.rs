//! Ten thousand subscribers, each on a connection of its own and all in another process: how long until the last
//! hears of a commit, what each costs the server, and whether one is lost.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::socket::Subscriber;
use crate::world::World;
use crate::{percentile, serving};

const SUBSCRIBERS: usize = 10_000;
const COMMITS: usize = 20;

pub async fn measure() {
    let mut world = World::new().await;
    world.sequence();
    world.project();
    let account = world.account().await;
    let address = serving::serve(&world).await;
    let before = resident();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--subscribers", &address, &world.business.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let lines = tokio::task::spawn_blocking(move || {
        assert_eq!(lines.next().unwrap().unwrap(), "subscribed");
        lines
    });
    let mut lines = lines.await.unwrap();
    let each = (resident() - before) as f64 / SUBSCRIBERS as f64;
    let mut committed = Vec::new();
    for n in 0..COMMITS {
        let receipt = world.sync_one(account, &n.to_string()).await;
        committed.push((receipt, since_epoch()));
        tokio::time::sleep(Duration::from_millis(700)).await;
    }
    drop(child.stdin.take());
    let mut delays = Vec::new();
    let mut lost = 0;
    let heard: BTreeMap<i64, Vec<Duration>> =
        tokio::task::spawn_blocking(move || serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap())
            .await
            .unwrap();
    child.wait().unwrap();
    for (receipt, at) in committed {
        let position = world.commands.position_of(&receipt).await.unwrap().unwrap().last;
        let moments = heard.get(&position).cloned().unwrap_or_default();
        lost += SUBSCRIBERS - moments.len();
        delays.extend(moments.into_iter().map(|moment| moment.saturating_sub(at)));
    }
    let (half, most) = (percentile(&mut delays, 50), percentile(&mut delays, 99));
    println!(
        "fan-out  {SUBSCRIBERS} subscribers: commit to subscriber p50 {half} ms, p99 {most} ms (at most 150), \
         {each:.1} KB each (at most 10), {lost} of {} messages lost",
        SUBSCRIBERS * COMMITS
    );
    world.stop().await;
}

fn since_epoch() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap()
}

/// Memory of this process, in KB.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches("kB").trim().parse().unwrap()
}

/// The other process: subscribes, then notes when it hears of what, until its input ends.
pub async fn subscribe(address: &str, business: &str) {
    let heard: Arc<Mutex<BTreeMap<i64, Vec<Duration>>>> = Arc::default();
    let mut subscribers = Vec::new();
    for _ in 0..SUBSCRIBERS / 100 {
        subscribers.extend(futures::future::join_all((0..100).map(|_| Subscriber::of(address, business))).await);
    }
    for mut subscriber in subscribers {
        let heard = heard.clone();
        tokio::spawn(async move {
            loop {
                let position = subscriber.position().await;
                heard.lock().unwrap().entry(position).or_default().push(since_epoch());
            }
        });
    }
    println!("subscribed");
    std::io::stdout().flush().unwrap();
    tokio::task::spawn_blocking(|| std::io::stdin().lines().for_each(drop)).await.unwrap();
    println!("{}", serde_json::to_string(&*heard.lock().unwrap()).unwrap());
}
