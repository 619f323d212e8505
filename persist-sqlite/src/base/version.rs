//! The version of SQLite.

use persist_core::Error;

/// The oldest version that is accepted. Earlier ones can corrupt a file if one connection starts the WAL again while another one
/// checkpoints it.
const OLDEST: i32 = 3_051_003;

/// Checks the version. The build bundles an SQLite that is new enough, unless an environment variable makes it link another one.
///
/// # Errors
///
/// [`Error::Unsupported`] if the version is too old.
pub(crate) fn check(version: i32) -> Result<(), Error> {
    if version >= OLDEST {
        return Ok(());
    }
    let display = |version| {
        format!("{}.{}.{}", version / 1_000_000, version / 1_000 % 1_000, version % 1_000)
    };
    Err(Error::Unsupported {
        what: format!(
            "SQLite {}, which can corrupt files: build without LIBSQLITE3_SYS_USE_PKG_CONFIG and similar variables, which \
             link another SQLite than the bundled one, or with {} or later",
            display(version),
            display(OLDEST)
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn version_that_can_corrupt_files_is_refused() {
        assert!(check(rusqlite::version_number()).is_ok());
        assert!(check(3_051_003).is_ok());
        let refused = check(3_051_002).unwrap_err().to_string();
        assert!(
            refused.contains("SQLite 3.51.2,") && refused.contains("3.51.3 or later"),
            "{refused}"
        );
    }
}
