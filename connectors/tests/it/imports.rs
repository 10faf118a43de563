//! Imports into a real event store: the same in the end however often, in which parts and by how many.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use connectors::file::import::import;
use connectors::file::{ImportError, Limits, ReadError};
use domain::Code;
use domain::account::{Payload, PayloadMedia};
use futures::TryStreamExt;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use rust_decimal::Decimal;

use crate::files::{packed, shared, written};
use crate::servers::World;

fn statement(rows: impl IntoIterator<Item = u32>) -> tempfile::NamedTempFile {
    let mut text = "Date;Text;Amount;Currency\n".to_owned();
    for row in rows {
        text.push_str(&format!("2024-01-{:02};Sale {};{}.50;EUR\n", 1 + row / 50 % 28, row / 3, row / 3 % 100));
    }
    written(text)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_file_again_adds_nothing() {
    let world = World::new().await;
    let path = shared("transactions/czech_bank_1995_1998.csv.gz");
    let first = world.import_path(&path).await;
    assert_eq!((first.rows, first.added, first.known, first.refused_count), (21_098, 21_098, 0, 0));
    let total = first.sums[&"CZK".parse().unwrap()];
    let sums = [total.inflow, total.outflow, total.net].map(|sum| sum.normalize().to_string());
    assert_eq!(sums, ["97977309.9", "87587315.9", "10389994"]);
    assert_eq!(
        (first.first.unwrap().to_string(), first.last.unwrap().to_string()),
        ("1995-04-19".into(), "1998-12-05".into())
    );
    let positions = first.positions.unwrap();
    assert!(positions.first < positions.last);
    let events = world.events().await;
    let again = world.import_path(&path).await;
    assert_eq!((again.added, again.amended, again.known, again.positions), (0, 0, 21_098, None));
    assert_eq!(again.sums, first.sums);
    assert_eq!(world.events().await, events, "no event at all");
    let (count, sum) = world.total().await;
    assert_eq!((count, sum.trim_end_matches('0')), (21_098, "10389994."));
}

/// Every event of an import names its file by its hash, which gives back its bytes; what tells nothing new is not named.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_leads_to_the_file_that_told_it_byte_by_byte() {
    let world = World::new().await;
    let (older, whole) = (statement(0..700), statement(0..1_300));
    for file in [&older, &whole, &whole, &older] {
        world.import_path(file.path()).await;
    }
    let damaged = packed(&std::fs::read(statement(0..9_000).path()).unwrap());
    let damaged = written(&damaged[..damaged.len() - 9]);
    world.import(&world.request(damaged.path(), None).await).await.unwrap_err();
    let events = "select json_array_length(payload -> 'added'), payload -> 'payloads' from store.events
        where event_type = 'account.synced' and business = $1 order by id";
    let events: Vec<(i32, sqlx::types::Json<Vec<Payload>>)> =
        sqlx::query_as(events).bind(world.business.to_string()).fetch_all(&world.pool).await.unwrap();
    let told: Vec<_> = events.iter().map(|(lines, payloads)| (*lines, payloads.len())).collect();
    assert_eq!(told, [(500, 1), (200, 1), (300, 1), (300, 1)]);
    let keys = streams::testing::keys(&world.pool);
    for (at, source) in [(0, &older), (1, &older), (2, &whole), (3, &whole)] {
        let named = &events[at].1.0[0];
        assert_eq!((named.media, named.places.as_slice()), (PayloadMedia::Text, [].as_slice()));
        let opened = streams::files::open(&world.pool, &keys, world.business, named.file).await.unwrap().unwrap();
        let pieces: Vec<_> = opened.pieces.try_collect().await.unwrap();
        assert!(pieces.concat() == std::fs::read(source.path()).unwrap(), "the file as it came");
    }
    let named = "select count(distinct hash) from files.payload where business = $1";
    let named: i64 = sqlx::query_scalar(named).bind(world.business.as_uuid()).fetch_one(&world.pool).await.unwrap();
    assert_eq!(named, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn overlapping_files_add_the_rest() {
    let world = World::new().await;
    let parts = ["statements/csv_derived_overlap_1_of_2.csv", "statements/csv_derived_overlap_2_of_2.csv"];
    assert_eq!(world.import_path(&shared(parts[0])).await.added, 75);
    let second = world.import_path(&shared(parts[1])).await;
    assert_eq!((second.added, second.known), (41, 35));
    assert_eq!(world.total().await, (116, "16367.90".to_owned()));
}

/// What is kept of an account as a whole: the spans of each file in their order, and how many lines were refused.
async fn kept(world: &World) -> Vec<(serde_json::Value, i64)> {
    let query = "select spans, refused from sources.statement where business = $1 order by kept_at";
    let rows: Vec<(sqlx::types::Json<serde_json::Value>, i64)> =
        sqlx::query_as(query).bind(world.business.as_uuid()).fetch_all(&world.pool).await.unwrap();
    rows.into_iter().map(|(spans, refused)| (spans.0, refused)).collect()
}

fn mt940(opened: (&str, &str), rows: &[(&str, &str)], closed: (&str, &str)) -> tempfile::NamedTempFile {
    let mut text = format!(":20:A\n:25:DE1\n:28C:1\n:60F:C{}EUR{}\n", opened.0, opened.1);
    for (day, amount) in rows {
        text.push_str(&format!(":61:{day}C{amount}NTRFNONREF\n:86:Paid\n"));
    }
    written(text + &format!(":62F:C{}EUR{}\n-\n", closed.0, closed.1))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_statement_says_as_a_whole_is_kept_once_for_each_file() {
    let world = World::new().await;
    let first = mt940(("240101", "10,00"), &[("240105", "5,00"), ("240120", "1,00")], ("240131", "16,00"));
    for _ in 0..2 {
        world.import_path(first.path()).await;
    }
    world.import_path(mt940(("240301", "20,00"), &[("240302", "4,00")], ("240331", "24,00")).path()).await;
    let span = |from: &str, to: &str, opening: &str, closing: &str| serde_json::json!([{"from": from, "to": to, "opening": opening, "balances": [[to, closing]], "is_stated": true}]);
    let (january, march) =
        (span("2024-01-01", "2024-01-31", "10.00", "16.00"), span("2024-03-01", "2024-03-31", "20.00", "24.00"));
    assert_eq!(kept(&world).await, [(january, 0), (march, 0)]);
    let asked = "select count(*) from sources.asked where business = $1 and asked_at > 0";
    let asked: i64 = sqlx::query_scalar(asked).bind(world.business.as_uuid()).fetch_one(&world.pool).await.unwrap();
    assert_eq!(asked, 1, "the account is to be checked");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_with_balances_says_what_was_held_each_day_and_which_lines_were_refused() {
    let world = World::new().await;
    let newest_first = "Date;Text;Amount;Balance\n2024-01-03;c;1.00;9.00\n2024-01-03;b;2.00;8.00\n\
        2024-01-02;x;many;6.00\n2024-01-01;a;1.00;6.00\n";
    world.import_path(written(newest_first).path()).await;
    let balances = serde_json::json!([["2024-01-01", "6.00"], ["2024-01-03", "9.00"]]);
    let rows = kept(&world).await;
    let (spans, refused) = &rows[0];
    assert_eq!((rows.len(), *refused), (1, 1));
    assert_eq!(spans[0]["balances"], balances);
    assert_eq!((&spans[0]["from"], &spans[0]["is_stated"]), (&"2024-01-01".into(), &false.into()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_imports_at_once_are_one() {
    let world = World::new().await;
    let file = statement(0..3_000);
    let request = world.request(file.path(), None).await;
    let (one, two) = tokio::join!(world.import(&request), world.import(&request));
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_eq!(one.added + two.added, 3_000);
    assert_eq!(one.known + two.known, 3_000);
    assert_eq!(world.total().await.0, 3_000);
    let accounts = "select count(*) from store.events where event_type = 'account.opened'";
    assert_eq!(sqlx::query_scalar::<_, i64>(accounts).fetch_one(&world.pool).await.unwrap(), 1);
}

/// Stops wherever it is after so many chunks, as a killed process would.
async fn interrupted(world: &World, path: &Path, chunks: usize) {
    let request = world.request(path, None).await;
    let (commands, pool) = (world.commands.clone(), world.pool.clone());
    let (seen, stop) = (Arc::new(AtomicUsize::new(0)), Arc::new(tokio::sync::Notify::new()));
    let (counter, stopper) = (seen.clone(), stop.clone());
    let running = import(&commands, &pool, &request, move |_| {
        if counter.fetch_add(1, Ordering::Relaxed) + 1 == chunks {
            stopper.notify_one();
        }
    });
    tokio::select! {
        report = running => drop(report.unwrap()),
        () = stop.notified() => {}
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interrupted_import_goes_on() {
    let world = World::new().await;
    let file = statement(0..30_000);
    for chunks in [1, 5, 9, 14] {
        interrupted(&world, file.path(), chunks).await;
    }
    let report = world.import_path(file.path()).await;
    assert_eq!(report.added + report.known, 30_000);
    assert_eq!(world.total().await.0, 30_000);
    let late = "select count(distinct payload ->> 'batch'), count(distinct coalesce(payload ->> 'known_until', ''))
                from store.events where event_type = 'account.synced'";
    let (batches, untils): (i64, i64) = sqlx::query_as(late).fetch_one(&world.pool).await.unwrap();
    assert_eq!((batches, untils), (1, 1), "one batch, so that nothing of it is late");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn occurrences_beyond_memory_are_counted_the_same() {
    let world = World::new().await;
    let file = statement(0..6_000);
    let mut request = world.request(file.path(), None).await;
    request.limits = Limits { fingerprints: 100, ..Limits::default() };
    assert_eq!(world.import(&request).await.unwrap().added, 6_000, "three equal rows each stay three");
    let again = world.import_path(file.path()).await;
    assert_eq!((again.added, again.known), (0, 6_000), "the same identities as those counted in memory");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_rule_recategorises() {
    let world = World::new().await;
    let file = statement(0..600);
    world.import_path(file.path()).await;
    let rule = "[[rules]]\nwhen = { Text = \"Sale 1*\" }\ncategory = \"wholesale\"";
    let report = world.import(&world.request(file.path(), Some(rule)).await).await.unwrap();
    assert_eq!((report.added, report.amended, report.known), (0, 333, 267));
    assert_eq!(world.total().await.0, 600);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_written_by_a_dry_run_or_a_refused_file() {
    let world = World::new().await;
    let before = world.events().await;
    let text = "Date;Text;Amount\n2024-01-31;a;1.00\n2024-02-30;b;2.00\n2024-02-01;a;1.00\n";
    let file = written(text);
    let mut request = world.request(file.path(), None).await;
    request.dry_run = true;
    let dry = world.import(&request).await.unwrap();
    assert_eq!((dry.rows, dry.added, dry.refused_count, dry.dry_run), (3, 2, 1, true));
    request.dry_run = false;
    request.strict = true;
    let Err(ImportError::Strict(report)) = world.import(&request).await else { panic!("it has a refused row") };
    assert_eq!((report.refused[0].line, report.refused_count), (3, 1));
    let nothing = written("Date;Text;Amount\n2024-02-30;a;1.00\nx;b;2.00\n");
    let fits = world.request(nothing.path(), Some("[date]\nformat = \"%Y-%m-%d\"")).await;
    let error = world.import(&fits).await.unwrap_err();
    assert!(matches!(error, ImportError::NothingFits { rows: 2, line: 2, .. }), "{error}");
    assert_eq!(world.events().await, before);
    // That files were refused stands in the history; a dry run asks for nothing.
    let refused = |code: &str| ("Import".to_owned(), code.to_owned());
    assert_eq!(world.refusals().await, [refused("REFUSED"), refused("REFUSED")]);
    request.strict = false;
    assert_eq!(world.import(&request).await.unwrap().added, 2);
    request.dry_run = true;
    assert_eq!(world.import(&request).await.unwrap().known, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_id_that_stands_twice_is_refused_once() {
    let world = World::new().await;
    let file = written("Id;Date;Text;Amount\n1;2024-01-31;a;1.00\n2;2024-01-31;a;1.00\n1;2024-01-31;c;3.00\n");
    let request = world.request(file.path(), Some("[columns]\nid = \"Id\"\ndescription = \"Text\"")).await;
    let report = world.import(&request).await.unwrap();
    assert_eq!((report.added, report.refused_count, report.refused[0].line), (2, 1, 4));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_business_that_is_not_there_is_told() {
    let world = World::new().await;
    let nobody = domain::BusinessId::new();
    let error = connectors::file::import::defaults_of(&world.pool, &streams::testing::keys(&world.pool), nobody, None)
        .await
        .unwrap_err();
    assert_eq!(error.code(), Code::NotFound);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_said_of_an_account_is_remembered() {
    let world = World::new().await;
    let rows = |day: u32| written(format!("Date,Text,Amount\n01/0{day}/2024,a,1.50\n"));
    let say = Some("[date]\nformat = \"%m/%d/%Y\"");
    let in_account = async |file: &tempfile::NamedTempFile, account: &str, mapping: Option<&str>| {
        let mut request = world.request(file.path(), mapping).await;
        request.defaults = connectors::file::import::defaults_of(
            &world.pool,
            &streams::testing::keys(&world.pool),
            world.business,
            Some(account.to_owned()),
        )
        .await
        .unwrap();
        world.import(&request).await
    };
    assert_eq!(in_account(&rows(2), "Giro", None).await.unwrap_err().questions()[0].key, "date.format");
    assert_eq!(in_account(&rows(2), "Giro", say).await.unwrap().last.unwrap().to_string(), "2024-01-02");
    assert_eq!(in_account(&rows(3), "Giro", None).await.unwrap().last.unwrap().to_string(), "2024-01-03");
    assert!(in_account(&rows(3), "Card", None).await.is_err(), "another account was not spoken of");
    let other = written("Date,Name,Amount\n01/03/2024,a,1.50\n");
    assert!(in_account(&other, "Giro", None).await.is_err(), "nor another header row");
    let qif = written("!Type:Bank\nD01/04/2024\nT1.50\n^\n");
    assert!(in_account(&qif, "Giro", None).await.is_err());
    assert_eq!(in_account(&qif, "Giro", say).await.unwrap().added, 1);
    assert_eq!(in_account(&qif, "Giro", None).await.unwrap().known, 1);
}

/// Whole-day rows as a bank prints them; equal rows of a day are many.
fn days() -> impl Strategy<Value = Vec<Vec<(u8, u8)>>> {
    prop::collection::vec(prop::collection::vec((0..3_u8, 0..3_u8), 1..8), 1..10)
}

/// Ranges of days that together hold each of them, with any overlap and in any order.
fn splits(days: usize) -> impl Strategy<Value = Vec<(usize, usize)>> {
    let more = prop::collection::vec((0..days, 1..=days), 0..5);
    let cuts = prop::collection::btree_set(0..days, 0..4);
    (cuts, more).prop_flat_map(move |(cuts, more)| {
        let mut bounds: Vec<usize> = cuts.into_iter().chain([0, days]).collect();
        bounds.sort_unstable();
        bounds.dedup();
        let parts = bounds.windows(2).map(|pair| (pair[0], pair[1]));
        let parts: Vec<_> = parts.chain(more.into_iter().map(|(from, len)| (from, (from + len).min(days)))).collect();
        Just(parts).prop_shuffle()
    })
}

fn printed(days: &[Vec<(u8, u8)>], from: usize, to: usize) -> tempfile::NamedTempFile {
    let mut text = "Date;Text;Amount;Currency\n".to_owned();
    for (day, rows) in days.iter().enumerate().take(to).skip(from) {
        for (what, amount) in rows {
            text.push_str(&format!("2024-01-{:02};Sale {what};{amount}.50;EUR\n", day + 1));
        }
    }
    written(text)
}

/// However a statement was cut into files of whole days, and in whatever order they come: it is the statement.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_split_with_any_overlap_is_the_whole() {
    let mut world = World::new().await;
    let mut runner = TestRunner::default();
    let cases = days().prop_flat_map(|days| (splits(days.len()), Just(days)));
    for _ in 0..24 {
        let (parts, days) = cases.new_tree(&mut runner).unwrap().current();
        world.another_business().await;
        let rows = days.iter().map(Vec::len).sum::<usize>();
        let mut added = 0;
        for (from, to) in &parts {
            let report = world.import_path(printed(&days, *from, *to).path()).await;
            assert_eq!(report.refused_count, 0);
            added += report.added;
        }
        let whole = world.import_path(printed(&days, 0, days.len()).path()).await;
        assert_eq!((added, whole.added, whole.known), (rows as u64, 0, rows as u64), "{parts:?} of {days:?}");
        let (count, sum) = world.total().await;
        let cents: i64 = days.iter().flatten().map(|(_, amount)| i64::from(*amount) * 100 + 50).sum();
        let found = (usize::try_from(count).unwrap(), sum.parse::<Decimal>().unwrap());
        assert_eq!(found, (rows, Decimal::new(cents, 2)), "{parts:?} of {days:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_breaks_in_the_middle_imports_nothing() {
    let world = World::new().await;
    let before = world.events().await;
    let rows = std::fs::read(statement(0..30_000).path()).unwrap();
    let whole = packed(&rows);
    let cut = &whole[..whole.len() - whole.len() / 8];
    let mut flipped = whole.clone();
    let late = whole.len() - whole.len() / 8;
    flipped[late] ^= 0x55;
    let endless = [rows.as_slice(), b"2024-02-01;\"", &b"x".repeat(3 << 20)].concat();
    let wide = [rows.as_slice(), b"2024-02-01", &b";".repeat(5_000), b"\n"].concat();
    for (bytes, what) in [(cut.to_vec(), "cut"), (flipped, "flipped"), (endless, "endless"), (wide, "wide")] {
        let file = written(bytes);
        let error = world.import(&world.request(file.path(), None).await).await.unwrap_err();
        let fits = match what {
            "cut" | "flipped" => matches!(error, ImportError::Read(ReadError::Packed(_))),
            "endless" => matches!(error, ImportError::Read(ReadError::EndlessRecord { line: 30_002, .. })),
            _ => matches!(error, ImportError::Read(ReadError::TooManyColumns { line: 30_002, .. })),
        };
        assert!(fits, "{what}: {error}");
        assert_eq!(world.events().await, before, "{what}");
    }
    assert_eq!(world.import_path(written(whole).path()).await.added, 30_000);
}
