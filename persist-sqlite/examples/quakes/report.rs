use comfy_table::{CellAlignment, Table, presets};
use persist_core::{Error, Scan};

use crate::quake::{Quake, QuakeKey};

pub(crate) fn print_heading(line: &str) {
    println!("\n{line}");
}

pub(crate) fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED).set_header(header);
    table
}

/// Aligns the columns with these indexes to the right, since they contain numbers.
pub(crate) fn numbers(mut table: Table, columns: &[usize]) -> Table {
    for column in columns {
        if let Some(column) = table.column_mut(*column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// Returns a table of the quakes in a scan.
pub(crate) fn quakes(scan: Scan<'_>) -> Result<Table, Error> {
    let mut table = table(&["time (UTC)", "code", "magnitude", "depth (km)", "place"]);
    for row in scan.iter() {
        let row = row?;
        let (key, quake): (QuakeKey, Quake) = (row.key().decode()?, row.decode()?);
        table.add_row([
            key.time(),
            key.code,
            format!("{:.1} {}", quake.magnitude, quake.magnitude_type),
            format!("{:.1}", quake.depth_km),
            quake.place,
        ]);
    }
    Ok(numbers(table, &[2, 3]))
}
