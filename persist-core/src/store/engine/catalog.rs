//! The catalog: for each table, the shapes of the keys and values that were written to it.
//!
//! It is stored in system rows, one for each table. A shape is added by the first commit that writes with it, and not when a table
//! is opened: a program that only reads, or is rolled back before it has written, leaves no trace. So the planner asks the catalog in
//! each commit that writes to an open table. There it also learns that another program has written a newer shape meanwhile, which
//! this one may not be able to read.
//!
//! One lock guards the list of open tables, for a moment. Each table has a lock for what the committing thread knows of its entry.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::encoding::{Descriptor, PayloadDecode, PayloadEncode, can_read};
use crate::store::base::category::Category;
use crate::store::base::error::{Error, Place};
use crate::store::base::sync::Mutex;
use crate::store::base::sync::atomic::{AtomicBool, Ordering};
use crate::store::port::read::Snapshot;

/// The category of the entries. The key of an entry is the name of its table.
pub(crate) const TABLES: Category<'_> = Category::system(b"tables");

/// The version of the form in which entries are stored.
const FORMAT: u32 = 1;

/// The shapes of a table's keys and values, as text and as data.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Shapes {
    key: Shape,
    value: Shape,
}

#[derive(Debug, PartialEq, Eq)]
struct Shape {
    text: String,
    descriptor: Descriptor,
}

impl Shape {
    fn new(descriptor: Descriptor) -> Self {
        Self { text: descriptor.to_string(), descriptor }
    }

    /// Checks that rows of a stored shape are read by the type of this one.
    ///
    /// # Errors
    ///
    /// The reason.
    fn reads(&self, stored: &str) -> Result<(), String> {
        let stored: Descriptor = stored.parse().map_err(|error| format!("{error}"))?;
        can_read(&stored, &self.descriptor).map(drop).map_err(|error| error.to_string())
    }
}

impl Shapes {
    pub(crate) fn new(key: Descriptor, value: Descriptor) -> Self {
        Self { key: Shape::new(key), value: Shape::new(value) }
    }

    /// Checks that rows of all stored shapes can be read. Returns the entry that a commit with these shapes has to write, or `None` if
    /// the stored one lists them.
    ///
    /// # Errors
    ///
    /// [`Error::IncompatibleTable`] for a shape that can't be read; [`Error::Corrupt`] if the entry can't be decoded.
    pub(crate) fn admit(
        &self,
        table: &str,
        stored: Option<&[u8]>,
        place: &Place,
    ) -> Result<Option<Vec<u8>>, Error> {
        let mut entry = match stored {
            None => Entry::default(),
            Some(stored) => Entry::decode(stored).ok_or_else(|| {
                let reason = format!("the catalog's entry of table {table:?} can't be decoded");
                Error::Corrupt { place: place.clone(), reason, source: None }
            })?,
        };
        let mut is_new = false;
        for (part, shape, listed) in
            [("key", &self.key, &mut entry.keys), ("value", &self.value, &mut entry.values)]
        {
            for text in listed.iter().filter(|text| **text != shape.text) {
                shape.reads(text).map_err(|reason| Error::IncompatibleTable {
                    place: place.clone(),
                    table: table.to_owned(),
                    reason: format!(
                        "its {part}s were written as {text}, and the program has {}: {reason}",
                        shape.text
                    ),
                })?;
            }
            if !listed.contains(&shape.text) {
                listed.push(shape.text.clone());
                is_new = true;
            }
        }
        Ok(is_new.then(|| entry.encode()))
    }
}

/// An entry of the catalog.
#[derive(Debug, Default)]
struct Entry {
    keys: Vec<String>,
    values: Vec<String>,
}

impl Entry {
    fn encode(&self) -> Vec<u8> {
        (FORMAT, &self.keys, &self.values).to_payload().as_bytes().to_vec()
    }

    fn decode(stored: &[u8]) -> Option<Self> {
        let (format, keys, values) =
            <(u32, Vec<String>, Vec<String>)>::from_payload_bytes(stored).ok()?;
        (format == FORMAT).then_some(Self { keys, values })
    }
}

/// The tables of a job that this process has opened.
#[derive(Clone, Default)]
pub(crate) struct Tables(Arc<Opened>);

#[derive(Default)]
struct Opened {
    /// Whether there is a table, so that jobs without tables take no lock.
    is_used: AtomicBool,
    tables: Mutex<BTreeMap<Vec<u8>, Arc<OpenTable>>>,
}

/// A table that is open.
struct OpenTable {
    shapes: Shapes,
    /// The stored entry that was compared with the shapes last, if it lists them and they read all others. In most commits the entry is
    /// still the same, and then comparing its bytes is enough.
    admitted: Mutex<Option<Vec<u8>>>,
}

impl Tables {
    /// Enters an open table.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] if the table is open with other types.
    pub(crate) fn enter(&self, table: &str, shapes: Shapes) -> Result<(), Error> {
        let mut tables = self.0.tables.lock();
        match tables.get(table.as_bytes()) {
            None => {
                let open = OpenTable { shapes, admitted: Mutex::default() };
                tables.insert(table.into(), Arc::new(open));
            }
            Some(open) if open.shapes == shapes => {}
            Some(_) => {
                return Err(Error::invalid_argument(format!(
                    "table {table:?} is open in this process with other types: a process has one definition of a table"
                )));
            }
        }
        self.0.is_used.store(true, Ordering::Release);
        Ok(())
    }

    pub(crate) fn is_empty(&self) -> bool {
        !self.0.is_used.load(Ordering::Acquire)
    }

    /// Returns the entry that a commit has to write if it puts rows into a category. Returns `None` if the stored entry lists their shapes,
    /// or if the category is no open table.
    ///
    /// # Errors
    ///
    /// As for [`Shapes::admit`]; errors of the backend.
    pub(crate) fn new_entry(
        &self,
        rows: &mut dyn Snapshot,
        name: &[u8],
        place: &Place,
    ) -> Result<Option<Vec<u8>>, Error> {
        let Some(table) = self.0.tables.lock().get(name).cloned() else { return Ok(None) };
        let stored = rows.get(TABLES, name)?;
        let mut admitted = table.admitted.lock();
        if stored.is_some() && *admitted == stored {
            return Ok(None);
        }
        let entry = table.shapes.admit(&String::from_utf8_lossy(name), stored.as_deref(), place)?;
        // The commit that writes a new entry may still be rolled back, so the next one looks again.
        if entry.is_none() {
            *admitted = stored;
        }
        Ok(entry)
    }
}

impl fmt::Debug for Tables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tables({})", self.0.tables.lock().len())
    }
}
