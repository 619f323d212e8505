use std::error::Error;

use jiff::Timestamp;
use persist_core::{KeyDecode, KeyEncode, PayloadDecode, PayloadEncode};

/// Rows are in the order of these fields: by network, then by time.
#[derive(Clone, Debug, KeyEncode, KeyDecode)]
pub(crate) struct QuakeKey {
    pub(crate) network: String,
    pub(crate) time_ms: i64,
    pub(crate) code: String,
}

#[derive(Clone, Debug, PayloadEncode, PayloadDecode)]
pub(crate) struct Quake {
    pub(crate) magnitude: f64,
    pub(crate) magnitude_type: String,
    pub(crate) longitude: f64,
    pub(crate) latitude: f64,
    pub(crate) depth_km: f64,
    pub(crate) kind: Kind,
    pub(crate) place: String,
}

#[derive(Clone, Copy, Debug, PayloadEncode, PayloadDecode)]
pub(crate) enum Kind {
    Earthquake,
    Explosion,
    QuarryBlast,
}

/// Reads `quakes.csv`, which is next to this file: a line for each quake, newest first within a network.
pub(crate) fn read_all() -> Result<Vec<(QuakeKey, Quake)>, Box<dyn Error>> {
    let mut file = csv::Reader::from_reader(include_str!("quakes.csv").as_bytes());
    file.records().map(|record| parse(&record?)).collect()
}

fn parse(record: &csv::StringRecord) -> Result<(QuakeKey, Quake), Box<dyn Error>> {
    let column = |index| record.get(index).ok_or("a line is too short");
    let key = QuakeKey {
        network: column(0)?.into(),
        code: column(1)?.into(),
        time_ms: column(2)?.parse()?,
    };
    let quake = Quake {
        magnitude: column(3)?.parse()?,
        magnitude_type: column(4)?.into(),
        longitude: column(5)?.parse()?,
        latitude: column(6)?.parse()?,
        depth_km: column(7)?.parse()?,
        kind: match column(8)? {
            "earthquake" => Kind::Earthquake,
            "explosion" => Kind::Explosion,
            "quarry blast" => Kind::QuarryBlast,
            other => return Err(format!("an unknown kind of quake: {other}").into()),
        },
        place: column(9)?.into(),
    };
    Ok((key, quake))
}

impl QuakeKey {
    pub(crate) fn time(&self) -> String {
        let time = Timestamp::from_millisecond(self.time_ms);
        time.map_or_else(|error| error.to_string(), |time| time.strftime("%F %T").to_string())
    }
}
