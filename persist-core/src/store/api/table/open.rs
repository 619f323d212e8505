//! Opening a table: the stored shapes are compared with the types of the definition.

use crate::store::api::job::Job;
use crate::store::api::open_job::OpenJob;
use crate::store::api::request::Request;
use crate::store::api::table::{Table, TableDefinition, TableKey, TableValue};
use crate::store::base::bounds::Span;
use crate::store::base::category::Category;
use crate::store::base::error::Error;
use crate::store::engine::catalog::{Shapes, TABLES};
use crate::store::port::page::{PAGE_BYTES, PAGE_ROWS, Page};
use crate::store::port::read::{PageRequest, Snapshot};
use crate::store::port::stop::Stop;

/// Tables.
impl Job {
    /// Opens a table, and compares its types with those of the stored rows.
    ///
    /// A job remembers the shapes of all keys and values that were written to a table. Opening writes nothing; the first write to a
    /// table adds the shapes that it uses. If a shape differs from that of the definition, but the definition's types read its rows, as
    /// [`can_read`](crate::descriptor::can_read) tells, the table opens.
    ///
    /// The request fails with [`Error::IncompatibleTable`] if rows of a stored shape can't be read, or if the category has rows that
    /// were written without a table and the definition does not [adopt](TableDefinition::adopt) them; with
    /// [`Error::InvalidArgument`] if this process has opened the table with other types; and with the errors of a read.
    pub fn table<K: TableKey, V: TableValue>(
        &self,
        definition: &TableDefinition<K, V>,
    ) -> Request<Table<K, V>> {
        let (name, adopts) = (definition.name, definition.adopts);
        // The table belongs to the job as it is open now, which knows its types. A subscript would follow a reopened job, which doesn't.
        let open = self.handle().job().cloned();
        Request::of_job(&self.handle(), move |job, stop| {
            let shapes = Shapes::new(K::key_descriptor(), V::payload_descriptor());
            let mut snapshot = job.begin_read()?;
            let stored = snapshot.get(TABLES, name.as_bytes())?;
            shapes.admit(name, stored.as_deref(), job.place())?;
            if stored.is_none() {
                check_rows::<K, V>(job, &mut snapshot, name, adopts, stop)?;
            }
            drop(snapshot);
            job.tables.enter(name, shapes)?;
            Ok(Table::new(Job::open(open?), name))
        })
    }
}

/// Checks the rows of a category that is no table yet.
///
/// # Errors
///
/// [`Error::IncompatibleTable`] if there are rows and they are not adopted, or if one can't be decoded.
fn check_rows<K: TableKey, V: TableValue>(
    job: &OpenJob,
    snapshot: &mut dyn Snapshot,
    name: &str,
    adopts: bool,
    stop: &Stop,
) -> Result<(), Error> {
    let incompatible = |reason: String| Error::IncompatibleTable {
        place: job.place().clone(),
        table: name.to_owned(),
        reason,
    };
    let mut start = Vec::new();
    loop {
        let request = PageRequest {
            category: Category::user(name.as_bytes()),
            span: Span { start: &start, stop: None },
            reverse: false,
            keys_only: false,
            rows: if adopts { PAGE_ROWS } else { 1 },
            bytes: PAGE_BYTES,
            stop,
        };
        let mut page = Page::default();
        let more = snapshot.page(&request, &mut page)?;
        if !adopts && !page.is_empty() {
            return Err(incompatible(
                "it has rows that were written without a table: if they are of these types, add `.adopt()` to the definition".into(),
            ));
        }
        for (key, payload) in page.rows() {
            K::from_key_bytes(key)
                .map(drop)
                .and_then(|()| V::from_payload_bytes(payload).map(drop))
                .map_err(|error| {
                    incompatible(format!("a row that it would adopt is not of its types: {error}"))
                })?;
        }
        let Some(last) = page.last_key().filter(|_| more) else { return Ok(()) };
        if stop.is_set() {
            return Err(Error::Closed { what: job.place().to_string() });
        }
        start = [last, &[0]].concat();
    }
}
