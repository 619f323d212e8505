//! The example of `persist-core/src/guide/encoding.md` for a change that the table doesn't allow.

use persist_core::{
    Error, Job, Key, KeyEncode, Memory, PayloadDecode, PayloadEncode, Persistency, TxOp, key,
};

// The code between these two lines is in the document.
// migrate {
#[derive(PayloadDecode)]
struct MessageV1 {
    sender: String,
    epoch: i64,
}

#[derive(PayloadEncode, PayloadDecode)]
struct Message {
    epoch: u64,
    sender: String,
}

impl From<MessageV1> for Message {
    fn from(old: MessageV1) -> Self {
        Self { epoch: old.epoch.max(0).unsigned_abs(), sender: old.sender }
    }
}

/// Moves the rows of "msg" to "msg2", up to `batch` rows at once.
fn migrate(job: &Job, batch: usize) -> Result<(), Box<dyn std::error::Error>> {
    loop {
        let rows = job.scan("msg", ..).limit(batch).wait()?;
        if rows.is_empty() {
            return Ok(());
        }
        let mut ops = Vec::new();
        for row in &rows {
            let message = Message::from(row.decode::<MessageV1>()?);
            ops.push(TxOp::put("msg2", row.key(), message.to_payload()));
            ops.push(TxOp::delete("msg", row.key()));
        }
        job.persist(ops).wait()?;
    }
}
// } migrate

/// The old type, as the earlier version of the program has it.
#[derive(PayloadEncode)]
struct OldMessage {
    sender: String,
    epoch: i64,
}

fn job_with_old_rows(rows: i64) -> Result<Job, Error> {
    let job = Persistency::open(Memory::new())?.open_job("alpha").wait()?;
    for seq in 0..rows {
        let message = OldMessage { sender: format!("sender {seq}"), epoch: seq };
        job.persist_encoded("msg", key!("general", seq), &message);
    }
    Ok(job)
}

#[test]
fn migration_moves_every_row_with_any_batch_size() {
    for batch in [1, 3, 10, 100] {
        let job = job_with_old_rows(10).unwrap();
        migrate(&job, batch).unwrap();
        assert_eq!(job.count("msg", ..).wait().unwrap(), 0);
        let rows = job.scan("msg2", ..).wait().unwrap();
        assert_eq!(rows.len(), 10);
        for (row, seq) in rows.iter().zip(0i64..) {
            let message: Message = row.decode().unwrap();
            assert_eq!(row.key(), key!("general", seq).as_key_ref());
            assert_eq!(message.sender, format!("sender {seq}"));
            assert_eq!(message.epoch, seq.unsigned_abs());
        }
    }
}

#[test]
fn interrupted_migration_continues_and_a_second_one_does_nothing() {
    let job = job_with_old_rows(4).unwrap();
    let moved: Key = ("general", 0i64).to_key();
    let message = Message { epoch: 0, sender: "moved".into() };
    job.persist([TxOp::put("msg2", &moved, message.to_payload()), TxOp::delete("msg", &moved)]);
    migrate(&job, 2).unwrap();
    migrate(&job, 2).unwrap();
    assert_eq!(job.count("msg2", ..).wait().unwrap(), 4);
    let kept: Option<Message> = job.get_as("msg2", &moved).wait().unwrap();
    assert_eq!(kept.unwrap().sender, "moved");
}

#[test]
fn document_contains_the_migration_code() {
    let source = include_str!("migration.rs");
    let (_, code) = source.split_once("// migrate {\n").unwrap();
    let (code, _) = code.split_once("// } migrate").unwrap();
    assert!(super::document().contains(code), "persist-core/src/guide/encoding.md lacks\n{code}");
}
