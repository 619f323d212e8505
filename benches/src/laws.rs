//! `laws`: the laws of a key encoder, checked for persist and its peers.

mod adversarial;
mod check;
mod domain;
mod library;

use check::Law;
use library::Library;

use crate::table::Table;

/// Values of each type.
const COUNT: usize = 4_000;

pub(crate) fn run() -> Result<(), String> {
    check(COUNT, true)
}

pub(crate) fn smoke() -> Result<(), String> {
    check(100, false)
}

/// Returns an error if persist breaks a law.
fn check(count: usize, in_full: bool) -> Result<(), String> {
    // Panics are counted; their messages add nothing.
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let libraries = Library::all(count);
    std::panic::set_hook(hook);
    if in_full {
        println!("{}", summary(&libraries));
        libraries.iter().for_each(print_broken);
    }
    let [persist, ..] = &libraries;
    let (kept, of) = (persist.passed(&Law::ALL), persist.verdicts.len());
    println!("laws: persist keeps them all on {kept} of {of} types, {count} values each");
    if kept == of { Ok(()) } else { Err("persist breaks a law".into()) }
}

fn summary(libraries: &[Library]) -> Table {
    let [order, injective, prefix_free, round_trip, canonical, total] = Law::ALL.map(Law::name);
    let mut table = Table::new([
        "library",
        "types",
        "all laws",
        "the first four",
        order,
        injective,
        prefix_free,
        round_trip,
        canonical,
        total,
    ]);
    for library in libraries {
        let passed = |laws: &[Law]| library.passed(laws).to_string();
        let [order, injective, prefix_free, round_trip, canonical, total] =
            Law::ALL.map(|law| passed(&[law]));
        table.row([
            library.name.to_owned(),
            library.verdicts.len().to_string(),
            passed(&Law::ALL),
            passed(&Law::ON_VALUES),
            order,
            injective,
            prefix_free,
            round_trip,
            canonical,
            total,
        ]);
    }
    table
}

fn print_broken(library: &Library) {
    println!("### {}\n", library.name);
    for verdict in &library.verdicts {
        for (law, counterexample) in &verdict.broken {
            println!("- `{}`, {}: {counterexample}", verdict.type_name, law.name());
        }
    }
    println!();
}
