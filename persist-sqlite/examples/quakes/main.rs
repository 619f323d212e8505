//! A week of earthquakes: written under derived keys, and read in their order.
//!
//! `cargo run --release --example quakes -p persist-sqlite [-- <directory>]`

mod quake;
mod report;

use std::collections::BTreeSet;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Instant;

use jiff::Timestamp;
use persist_core::{Job, KeyEncode, KeyRange, Persistency, key};
use persist_sqlite::Sqlite;
use quake::{Quake, QuakeKey};
use report::{numbers, print_heading, quakes, table};

const CATEGORY: &str = "quake";
const NETWORK: &str = "ak";
const COPIES: i64 = 100;
const WEEK_MS: i64 = 7 * 24 * 60 * 60 * 1_000;

fn main() -> Result<(), Box<dyn Error>> {
    let root = std::env::args_os()
        .nth(1)
        .map_or_else(|| std::env::temp_dir().join("persist-quakes"), PathBuf::from);
    let all = quake::read_all()?;
    let store = Persistency::open(Sqlite::at(&root))?;
    let job = store.open_job("quakes").wait()?;
    // The tickets are dropped: nothing waits for the writes, and the reads below see every row.
    for (key, quake) in &all {
        job.persist_encoded(CATEGORY, key, quake);
    }
    print_heading(&format!(
        "{} quakes of one week, in {}",
        all.len(),
        root.join("quakes.db").display()
    ));

    count_by_network(&job, &all)?;
    between_two_times(&job)?;
    newest_ten(&job)?;
    one_by_key(&job, &all[0].0)?;
    store.close().wait()?;

    let store = Persistency::open(Sqlite::at(&root))?;
    let rows = store.open_job("quakes").wait()?.count(CATEGORY, ..).wait()?;
    print_heading(&format!("Closed and opened again: {rows} rows, {} were written", all.len()));
    with_sql(&root.join("quakes.db"))?;
    hundredfold(&store, &all)?;
    store.close().wait()?;
    Ok(())
}

fn count_by_network(job: &Job, all: &[(QuakeKey, Quake)]) -> Result<(), Box<dyn Error>> {
    print_heading("Rows of each network, by count");
    let networks: BTreeSet<&str> = all.iter().map(|(key, _)| key.network.as_str()).collect();
    let mut counts = table(&["network", "rows"]);
    for network in networks {
        let rows = job.count(CATEGORY, KeyRange::prefix(&key!(network))).wait()?;
        counts.add_row([network, &rows.to_string()]);
    }
    println!("{}", numbers(counts, &[1]));
    Ok(())
}

fn between_two_times(job: &Job) -> Result<(), Box<dyn Error>> {
    let (from, to) = ("2018-02-04T00:00:00Z", "2018-02-04T04:00:00Z");
    print_heading(&format!("Network {NETWORK} from {from} to {to}, by a range scan"));
    let at = |time: &str| Ok::<_, jiff::Error>(time.parse::<Timestamp>()?.as_millisecond());
    let range = key!(NETWORK, at(from)?)..key!(NETWORK, at(to)?);
    println!("{}", quakes(job.scan(CATEGORY, range))?);
    Ok(())
}

fn newest_ten(job: &Job) -> Result<(), Box<dyn Error>> {
    print_heading(&format!("The newest ten of network {NETWORK}, by a reversed scan"));
    println!("{}", quakes(job.scan_prefix(CATEGORY, key!(NETWORK)).reverse().limit(10))?);
    Ok(())
}

fn one_by_key(job: &Job, key: &QuakeKey) -> Result<(), Box<dyn Error>> {
    print_heading(&format!("One by its key, {key:?}"));
    println!("its bytes: {}", key.to_key());
    let quake: Option<Quake> = job.get_as(CATEGORY, key).wait()?;
    println!("{:#?}", quake.ok_or("the row isn't there")?);
    Ok(())
}

fn with_sql(file: &Path) -> Result<(), Box<dyn Error>> {
    let sql = "SELECT CAST(category AS TEXT), count(*), sum(length(key)), sum(length(payload))
               FROM kv GROUP BY category";
    print_heading("The same file with SQL, while the job is open");
    let connection = rusqlite::Connection::open(file)?;
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([])?;
    let mut answer = table(&["category", "rows", "bytes of keys", "bytes of payloads"]);
    while let Some(row) = rows.next()? {
        let sum = |column| row.get::<_, i64>(column).map(|sum| sum.to_string());
        answer.add_row([row.get(0)?, sum(1)?, sum(2)?, sum(3)?]);
    }
    println!("{}", numbers(answer, &[1, 2, 3]));
    Ok(())
}

/// Writes the same week a hundred times, to an empty job of its own.
fn hundredfold(store: &Persistency, all: &[(QuakeKey, Quake)]) -> Result<(), Box<dyn Error>> {
    let id = "quakes-hundredfold";
    if store.stored_job_ids().wait()?.iter().any(|stored| stored == id) {
        store.drop_job(id).wait()?;
    }
    let job = store.open_job(id).wait()?;
    let mut all = all.to_vec();
    let begin = Instant::now();
    for _ in 0..COPIES {
        for (key, quake) in &mut all {
            key.time_ms += WEEK_MS;
            job.persist_encoded(CATEGORY, &*key, &*quake);
        }
    }
    let submitted = begin.elapsed();
    // The close waits for all writes, and would report a failed one.
    store.close_job(id).wait()?;
    let written = begin.elapsed();

    let job = store.open_job(id).wait()?;
    let begin = Instant::now();
    let mut magnitudes = 0.0;
    let mut rows = 0_u32;
    for row in job.scan(CATEGORY, ..).iter() {
        magnitudes += row?.decode::<Quake>()?.magnitude;
        rows += 1;
    }
    let scanned = begin.elapsed();

    print_heading(&format!(
        "A hundredfold copy: {rows} rows, mean magnitude {:.2}",
        magnitudes / f64::from(rows)
    ));
    let mut speeds = table(&["step", "seconds", "rows per second"]);
    for (step, time) in
        [("submitted", submitted), ("written and closed", written), ("scanned", scanned)]
    {
        let seconds = time.as_secs_f64();
        let speed = format!("{:.0}", f64::from(rows) / seconds);
        speeds.add_row([step, &format!("{seconds:.3}"), &speed]);
    }
    println!("{}", numbers(speeds, &[1, 2]));
    Ok(())
}
