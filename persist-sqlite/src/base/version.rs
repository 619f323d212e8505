//! Which SQLite this is.

use persist_core::Error;

/// Older ones can corrupt a file where one connection begins the WAL anew while another checkpoints it.
const OLDEST: i32 = 3_051_003;

/// The crate brings its SQLite along, but an environment variable of the build can have another linked.
///
/// # Errors
///
/// [`Error::Unsupported`] if it is too old.
pub(crate) fn check(version: i32) -> Result<(), Error> {
    if version >= OLDEST {
        return Ok(());
    }
    let told = |version| {
        format!("{}.{}.{}", version / 1_000_000, version / 1_000 % 1_000, version % 1_000)
    };
    Err(Error::Unsupported {
        what: format!(
            "SQLite {}, which can corrupt files: build without LIBSQLITE3_SYS_USE_PKG_CONFIG and its like, which have \
             another SQLite linked than the one that comes along, or with {} or later",
            told(version),
            told(OLDEST)
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn an_sqlite_that_can_corrupt_files_is_refused() {
        assert!(check(rusqlite::version_number()).is_ok());
        assert!(check(3_051_003).is_ok());
        let refused = check(3_051_002).unwrap_err().to_string();
        assert!(
            refused.contains("SQLite 3.51.2,") && refused.contains("3.51.3 or later"),
            "{refused}"
        );
    }
}
