//! The programs of the guide and of two README files, as tests.
//!
//! The guide is part of persist-core, which can't depend on the SQLite backend. It is a package of its own because tokio's macros enable
//! features of syn, with which persist-derive accepts more than its tests of compile errors expect.
#![allow(clippy::doc_markdown)] // Prose contains names such as PostgreSQL.

#[doc = include_str!("../../README.md")]
mod readme {}

#[doc = include_str!("../../persist-core/README.md")]
mod readme_of_core {}

macro_rules! pages {
    ($($page:ident)*) => {
        $(
            #[doc = include_str!(concat!("../../persist-core/src/guide/", stringify!($page), ".md"))]
            mod $page {}
        )*

        #[test]
        fn every_page_of_the_guide_is_tested() {
            let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../persist-core/src/guide");
            let mut found = Vec::new();
            for entry in std::fs::read_dir(folder).unwrap() {
                let name = entry.unwrap().file_name().into_string().unwrap();
                found.extend(name.strip_suffix(".md").map(str::to_owned));
            }
            found.sort_unstable();
            // The code of `encoding.md` is tested by `tests/encoding/evolution/migration.rs`.
            found.retain(|page| page != "encoding");
            assert_eq!(found, [$(stringify!($page)),*]);
        }
    };
}

pages! {
    async_programs backpressure backup durability many_tenants schema_changes shutdown testing threads tuning tutorial
}

#[test]
fn tutorial_programs_run_as_shown_and_share_no_job() {
    let text = include_str!("../../persist-core/src/guide/tutorial.md");
    let hidden = [
        "# let root = tempfile::tempdir().unwrap();",
        "# std::env::set_current_dir(&root).unwrap();",
    ];
    let mut programs = 0;
    for (step, rest) in (1..).zip(text.split("```rust\n").skip(1)) {
        let (program, _) = rest.split_once("```").unwrap();
        // A reader pastes the lines that rustdoc shows, so a hidden line must not be needed.
        let found: Vec<_> = program
            .lines()
            .map(str::trim)
            .filter(|line| *line == "#" || line.starts_with("# "))
            .collect();
        assert_eq!(found, hidden, "step {step}");
        // The reader's directory has the rows of the earlier steps.
        for call in ["open_job(\"", "close_job(\"", "restore_from(\""] {
            for argument in program.split(call).skip(1) {
                assert!(argument.starts_with(&format!("server-{step}\"")), "step {step}");
            }
        }
        assert!(program.contains("open_job(\""), "step {step}");
        programs += 1;
    }
    assert_eq!(programs, 8);
}
