use std::fs;
use std::path::Path;

/// Returns the inputs of `fuzz/corpus/<target>` that belong to the repository, in the order of their names.
///
/// # Panics
///
/// If they can't be read.
#[must_use]
pub fn corpus(target: &str) -> Vec<Vec<u8>> {
    inputs_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(target))
}

/// Returns the inputs in a folder that have a name. A run of the fuzzer adds thousands to the folder, named by their hashes: they
/// would make the tests slower, and different on each machine.
fn inputs_in(folder: &Path) -> Vec<Vec<u8>> {
    let entries =
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.retain(|path| !path.file_name().is_some_and(|name| is_hash(&name.to_string_lossy())));
    paths.sort_unstable();
    paths.iter().map(|path| fs::read(path).expect("a file of the corpus")).collect()
}

fn is_hash(name: &str) -> bool {
    name.len() == 40 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_that_the_fuzzer_added_are_left_out() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["second", "first", "da39a3ee5e6b4b0d3255bfef95601890afd80709"] {
            fs::write(folder.path().join(name), name).unwrap();
        }
        assert_eq!(inputs_in(folder.path()), [b"first".to_vec(), b"second".to_vec()]);
    }
}
