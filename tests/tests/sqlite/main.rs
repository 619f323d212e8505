//! The SQLite backend: files, locks, settings, checkpoints, backups and the limit of descriptors.
//!
//! The tests of one file run with `cargo test -p persist-tests --test sqlite -- checkpoints::`.

mod awkward_input;
mod budget;
mod checkpoints;
mod files;
mod housekeeping;
mod interop;
mod kept_files;
mod restore;
mod roots;
mod settings;
