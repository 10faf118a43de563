//! A file larger than memory should hold, and a disk that is full.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::faults::{assert_totals, import};
use crate::harness::Folder;

/// Rows of 4 KiB; together 2 GiB of text.
const ROWS: usize = 524_288;
/// MiB that the import may take at its peak, whatever the file's size.
const MOST_MEMORY: u64 = 700;

fn two_gibibytes(path: &Path) -> Result<()> {
    let mut file = GzEncoder::new(std::fs::File::create(path)?, Compression::fast());
    file.write_all(b"Date,Amount,Currency,Description\n")?;
    let text = "x".repeat(4_060);
    for row in 0..ROWS {
        let day = row % 28 + 1;
        writeln!(file, "2024-01-{day:02},{row}.25,EUR,{row} {text}")?;
    }
    file.finish()?;
    Ok(())
}

/// The most memory that a running process has used, in MiB.
fn peak(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches("kB").trim().parse::<u64>().ok()? / 1024)
}

#[test]
fn memory_does_not_grow_with_the_file() -> Result<()> {
    let folder = Folder::new();
    folder.business("Bank", "EUR", "Europe/Berlin")?;
    let file = folder.path().join("large.csv.gz");
    two_gibibytes(&file)?;
    let arguments = ["import", "--business", "Bank", "--dry-run", "--json", file.to_str().unwrap()];
    let mut child = folder.command(&arguments).stdout(Stdio::piped()).spawn()?;
    let mut most = 0;
    while child.try_wait()?.is_none() {
        most = peak(child.id()).unwrap_or(0).max(most);
        std::thread::sleep(Duration::from_millis(100));
    }
    let output = child.wait_with_output()?;
    let report: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    assert_eq!(report["added"], ROWS);
    assert!((1..MOST_MEMORY).contains(&most), "it took {most} MiB");
    Ok(())
}

/// Reads and writes so many rows beside a running `up`; gives the most memory it took, and its time.
fn written(folder: &Folder, rows: usize) -> Result<(u64, Duration)> {
    let file = folder.path().join(format!("{rows}.csv"));
    let mut out = std::io::BufWriter::new(std::fs::File::create(&file)?);
    out.write_all(b"Date,Amount,Currency,Description\n")?;
    let text = "x".repeat(160);
    for row in 0..rows {
        writeln!(out, "2024-01-{:02},{row}.25,EUR,{row} of {rows} {text}", row % 28 + 1)?;
    }
    out.into_inner()?;
    let arguments = ["import", "--business", "Bank", "--json", file.to_str().unwrap()];
    let began = Instant::now();
    let mut child = folder.command(&arguments).stdout(Stdio::piped()).spawn()?;
    let mut most = 0;
    while child.try_wait()?.is_none() {
        most = peak(child.id()).unwrap_or(0).max(most);
        std::thread::sleep(Duration::from_millis(20));
    }
    let output = child.wait_with_output()?;
    let report: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    assert_eq!(report["added"], rows);
    Ok((most, began.elapsed()))
}

/// Four times the rows take about the memory and not more than four times the time, with room for a busy machine.
#[tokio::test]
async fn an_import_that_writes_takes_no_more_memory_for_more_rows() -> Result<()> {
    const ROWS: usize = 25_000;
    let folder = Folder::new();
    folder.business("Bank", "EUR", "Europe/Berlin")?;
    let _up = folder.up(&[]).await?;
    let (once, time) = written(&folder, ROWS)?;
    let (four_times, longer) = written(&folder, 4 * ROWS)?;
    assert!(once > 0 && four_times * 10 <= once * 14, "{once} MiB for {ROWS} rows, {four_times} MiB for four times");
    let most = time * 10 + Duration::from_secs(10);
    assert!(longer <= most, "{time:?} for {ROWS} rows, {longer:?} for four times");
    Ok(())
}

/// What a person is told.
const FULL: &str = "the disk of the event store is full; free space there, then go on";

/// A small disk of its own, unmounted at the end.
struct SmallDisk(std::path::PathBuf);

impl SmallDisk {
    /// `None` where this user may not mount.
    fn mount(at: &Path, mebibytes: u32) -> Option<Self> {
        let size = format!("size={mebibytes}m");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(at).stderr(Stdio::null());
        mount.status().ok()?.success().then(|| Self(at.to_owned()))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        Command::new("umount").arg("-l").arg(&self.0).status().ok();
    }
}

#[tokio::test]
async fn a_full_disk_is_told_and_the_import_goes_on_when_there_is_room() -> Result<()> {
    let folder = Folder::new();
    folder.business("Bank", "CZK", "Europe/Prague")?;
    let (pg, moved) = (folder.path().join("pg"), folder.path().join("pg.moved"));
    std::fs::rename(&pg, &moved)?;
    std::fs::create_dir(&pg)?;
    let Some(disk) = SmallDisk::mount(&pg, 400) else {
        let must = std::env::var("CI").is_ok_and(|ci| ci == "true") && nix::unistd::Uid::effective().is_root();
        assert!(!must, "CI runs this as root and no small disk can be mounted");
        eprintln!("SKIPPED: a_full_disk_is_told: this user may not mount a small disk");
        return Ok(());
    };
    let copied = Command::new("cp").arg("-a").arg(format!("{}/.", moved.display())).arg(&pg).status()?;
    assert!(copied.success());

    let up = folder.up(&[]).await?;
    let ballast = pg.join("ballast");
    fill(&ballast)?;
    let output = import(&folder).output()?;
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "an import into a full disk succeeded");
    assert!(errors.contains(FULL), "{errors}");

    std::fs::remove_file(&ballast).context("the ballast")?;
    up.ready().await?;
    assert_totals(&folder)?;
    drop(up);
    drop(disk);
    Ok(())
}

/// Writes until nothing fits any more, then leaves room for the smallest of writes.
fn fill(path: &Path) -> Result<()> {
    let mut file = std::fs::File::create(path)?;
    let block = vec![0_u8; 1 << 20];
    let mut written = 0;
    while file.write_all(&block).is_ok() {
        written += block.len() as u64;
    }
    file.set_len(written.saturating_sub(1 << 20))?;
    Ok(())
}
