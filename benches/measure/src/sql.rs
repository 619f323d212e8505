//! The table of persist, for the engines that are plain SQLite.

pub const CATEGORY: &[u8] = b"row";

pub const CREATE: &str = "CREATE TABLE IF NOT EXISTS kv (
    category BLOB NOT NULL, key BLOB NOT NULL, payload BLOB NOT NULL, PRIMARY KEY (category, key)
) WITHOUT ROWID";
pub const PUT: &str = "INSERT OR REPLACE INTO kv (category, key, payload) VALUES (?1, ?2, ?3)";
pub const DELETE: &str = "DELETE FROM kv WHERE category = ?1 AND key = ?2";
pub const GET: &str = "SELECT payload FROM kv WHERE category = ?1 AND key = ?2";
pub const SCAN: &str = "SELECT key, payload FROM kv WHERE category = ?1 AND key >= ?2 AND key < ?3
    ORDER BY key LIMIT ?4";
pub const COUNT: &str = "SELECT count(*) FROM kv WHERE category = ?1 AND key >= ?2 AND key < ?3";
