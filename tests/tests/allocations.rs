//! Bounds on the memory that keys, encoders and decoders allocate, measured by a counting allocator.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::hash::Hash;
use std::hint::black_box;
use std::path::Path;

use allocation_counter::measure;
use persist_core::codec::Sink;
use persist_core::{
    Job, Key, KeyDecode, KeyEncode, Lex, Memory, PayloadDecode, PayloadEncode, Persistency, key,
    payload,
};
use persist_sqlite::Sqlite;
use persist_tests::adversarial::View;
use persist_tests::fuzzing::{DECODERS, Decoders, corpus};

/// Returns the number of allocations by `run`.
fn allocations(run: impl FnOnce()) -> u64 {
    measure(run).count_total
}

/// Returns the largest number of bytes that `run` holds at one time. A vector that grows holds both the old and the new
/// memory.
fn peak_bytes(run: impl FnOnce()) -> u64 {
    measure(run).bytes_max
}

const BYTES: [u8; 31] = *b"thirty-one bytes, one too many.";

#[test]
fn key_occupies_32_bytes() {
    assert_eq!(size_of::<Key>(), 32);
}

#[test]
fn building_a_key_of_up_to_30_bytes_does_not_allocate() {
    for len in 0..=30 {
        let bytes = &BYTES[..len];
        assert_eq!(allocations(|| drop(black_box(Key::from_bytes(bytes)))), 0, "{len} bytes");
    }
    let text = "twenty bytes of text";
    assert_eq!(key!(text, 7i64).len(), 30);
    assert_eq!(allocations(|| drop(black_box(key!(text, 7i64)))), 0, "key!");
    assert_eq!(allocations(|| drop(black_box((text, 7i64).to_key()))), 0, "to_key");
    let pushed = || {
        let mut key = Key::new();
        key.push(text);
        key.push(&7i64);
        black_box(key);
    };
    assert_eq!(allocations(pushed), 0, "push");
    let view = View { sender: "ann", body: b"twelve bytes", epoch: -1 };
    assert_eq!(view.to_key().len(), 27);
    assert_eq!(allocations(|| drop(black_box(view.to_key()))), 0, "to_key of a struct");
}

#[test]
fn building_a_key_of_31_bytes_allocates_once() {
    assert_eq!(allocations(|| drop(black_box(Key::from_bytes(BYTES)))), 1, "from_bytes");
    let text = "some 21 bytes of text";
    assert_eq!(key!(text, 7i64).len(), 31);
    assert_eq!(allocations(|| drop(black_box(key!(text, 7i64)))), 1, "key!");
    assert_eq!(allocations(|| drop(black_box((text, 7i64).to_key()))), 1, "to_key");
}

#[test]
fn using_a_key_of_up_to_30_bytes_does_not_allocate() {
    let (key, other) = (key!("twenty bytes of text", 7i64), key!("twenty bytes of text", 8i64));
    assert_eq!(allocations(|| drop(black_box(key.clone()))), 0, "clone");
    assert_eq!(allocations(|| assert!(key < other && key != other)), 0, "comparing");
    assert_eq!(allocations(|| key.hash(black_box(&mut DefaultHasher::new()))), 0, "hashing");
    let decoded = || assert_eq!(key.decode::<(&str, i64)>(), Ok(("twenty bytes of text", 7)));
    assert_eq!(allocations(decoded), 0, "decoding into a borrowing type");
}

#[test]
fn key_of_31_bytes_allocates_once_to_clone_and_never_to_compare() {
    let (key, other) = (Key::from_bytes(BYTES), Key::from_bytes([1; 31]));
    assert_eq!(allocations(|| drop(black_box(key.clone()))), 1, "clone");
    assert_eq!(allocations(|| assert!(key > other && key != other)), 0, "comparing");
    assert_eq!(allocations(|| key.hash(black_box(&mut DefaultHasher::new()))), 0, "hashing");
}

#[test]
fn key_cmp_does_not_allocate() {
    let [left, right] = [1, 2].map(|epoch| View { sender: "ann", body: &BYTES, epoch });
    assert_eq!(allocations(|| assert!(left.key_cmp(&right).is_lt())), 0);
}

#[test]
fn encoding_a_struct_into_a_reused_vector_does_not_allocate() {
    let view = View { sender: "ann", body: &BYTES, epoch: -1 };
    let mut buffer = view.to_key().into_bytes();
    for _ in 0..2 {
        buffer.clear();
        assert_eq!(allocations(|| view.encode_key(&mut Sink::new(&mut buffer))), 0, "a key");
        assert_eq!(buffer, view.to_key().as_bytes());
        buffer.clear();
        let encode = || view.encode_payload(&mut Sink::new(&mut buffer));
        assert_eq!(allocations(encode), 0, "a payload");
        assert_eq!(buffer, view.to_payload().as_bytes());
    }
}

#[test]
fn building_a_payload_allocates_once() {
    let view = View { sender: "ann", body: &BYTES, epoch: -1 };
    assert_eq!(allocations(|| drop(black_box(view.to_payload()))), 1, "to_payload");
    assert_eq!(allocations(|| drop(black_box(payload!(view)))), 1, "payload!");
}

#[test]
fn decoding_a_borrowing_struct_does_not_allocate() {
    let view = View { sender: "ann", body: &BYTES, epoch: -1 };
    let (key, payload) = (view.to_key(), view.to_payload());
    let of_a_key = || assert_eq!(View::from_key_bytes(key.as_bytes()).as_ref(), Ok(&view));
    assert_eq!(allocations(of_a_key), 0, "a key");
    let of_a_payload =
        || assert_eq!(View::from_payload_bytes(payload.as_bytes()).as_ref(), Ok(&view));
    assert_eq!(allocations(of_a_payload), 0, "a payload");
}

/// Returns the number of allocations by encoding into a vector with enough capacity.
fn to_encode<T: KeyEncode>(value: &T) -> u64 {
    let mut buffer = Vec::with_capacity(value.encoded_key_len());
    allocations(|| value.encode_key(&mut Sink::new(&mut buffer)))
}

#[test]
fn encoding_sets_and_maps_in_key_order_does_not_allocate() {
    assert_eq!(to_encode(&(0..100).collect::<BTreeSet<u64>>()), 0, "numbers");
    let names = ["", "a", "aa", "b"];
    assert_eq!(
        to_encode(&names.map(|name| Lex(name.to_owned())).into_iter().collect::<BTreeSet<_>>()),
        0
    );
    assert_eq!(
        to_encode(&(0..100).map(|n| (n, true)).collect::<BTreeMap<i64, bool>>()),
        0,
        "a map"
    );
    assert_eq!(to_encode(&HashMap::from([("the only one", true)])), 0, "a map of one");
    // "b" comes before "aa" in keys, so these must be sorted, all at once.
    assert_eq!(to_encode(&names.map(str::to_owned).into_iter().collect::<BTreeSet<_>>()), 1);
}

/// The bytes that a decoder may hold in addition to its share of the input: an error, and the first node of a map.
const CONSTANT: u64 = 1_024;

/// The same for recursive types, whose errors name a field on each of 128 levels.
const CONSTANT_OF_NESTED: u64 = 7 * 1_024;

/// The recursive types.
const NESTED: [&str; 6] = [
    "Tree",
    "recursive::Chain",
    "recursive::Rose",
    "recursive::Sparse<String>",
    "recursive::Folder",
    "recursive::Term",
];

/// The bytes that a decoder may hold for each byte of its input.
///
/// The factor is 1 for a copy of text or bytes, and for a sequence that reserves memory for as many elements as fit
/// into the size of the input. The reasons for the other factors are given below. "Grown" means that the old and the
/// new memory are held at the same time. `persist-core/src/guide/encoding.md` lists some of the factors.
const FACTORS: [(&str, u64); 39] = [
    // Flipped, and then copied into the owner.
    ("Reverse<String>", 2),
    ("descending::DescText", 2),
    ("descending::DescCompounds", 2),
    // Copied after the reference counts of a shared pointer.
    ("Rc<[u8]>", 2),
    ("Arc<[u64]>", 2),
    // Bytes without their escapes, grown: at most three times their number.
    ("Lex<String>", 3),
    ("Lex<Vec<u8>>", 3),
    ("Lex<Bytes>", 3),
    ("Lex<Option<Cow<str>>>", 3),
    ("lexical::LexText", 3),
    ("lexical::LexBytes", 3),
    ("borrowing::Escaped<'_>", 3),
    // 24 bytes for an empty text, which takes two bytes of input, grown from 8/12 of the memory needed.
    ("Vec<String>", 24),
    ("Shortlex<Vec<String>>", 24),
    // The same for 16 bytes.
    ("Vec<&str>", 24),
    ("borrowing::Lines<'_>", 24),
    // The same twice, plus the memory that is reserved inside.
    ("Vec<Vec<Vec<u8>>>", 27),
    ("Everything", 27),
    ("containers::Texts", 27),
    // 24 bytes for three bytes of input, grown from nothing.
    ("Lex<Vec<String>>", 24),
    ("Reverse<Lex<Vec<Lex<String>>>>", 24),
    ("lexical::LexSequences", 24),
    ("lexical::LexDerived", 24),
    ("ordered::Claimed", 24),
    ("wrapped::InLex", 24),
    // 16 bytes for an absent number of one byte, grown.
    ("containers::Options", 24),
    // 32 bytes for ten bytes of input, grown.
    ("Pair<String,Pair<u8,Vec<Header>>>", 11),
    // The first levels reserve the memory that the input could need, and each further level half of it.
    ("Tree", 10),
    ("recursive::Rose", 10),
    // 48 bytes for an absent child of one byte, grown.
    ("recursive::Sparse<String>", 96),
    // Nodes with capacity for eleven entries of which six are used; an entry takes three or more bytes of input.
    ("BTreeSet<String>", 24),
    ("BTreeMap<String,()>", 24),
    ("BTreeSet<BTreeSet<Reverse<u8>>>", 32),
    ("BTreeMap<Lex<String>,BTreeMap<u8,bool>>", 32),
    // Tables with capacity for up to 16/7 of the entries, with one more byte for each, grown.
    ("HashMap<String,Header>", 16),
    ("Reverse<HashMap<u16,String>>", 14),
    // The same, where a table is larger than its small entries.
    ("HashSet<Option<bool>>", 5),
    // Nodes that are larger than their small entries.
    ("BTreeSet<u8>", 4),
    ("BTreeMap<u8,f32>", 4),
];

fn factor(name: &str) -> u64 {
    let listed = FACTORS.iter().find(|(listed, _)| *listed == name);
    listed.map_or(1, |(_, factor)| *factor)
}

/// Returns the name of a type as it is listed here.
fn without_spaces(name: &str) -> String {
    name.split(' ').collect()
}

#[test]
fn listed_factors_belong_to_known_types() {
    let names = DECODERS.each_ref().map(|decoders| without_spaces(decoders.name));
    for name in FACTORS.iter().map(|(name, _)| name).chain(&NESTED) {
        assert!(names.iter().any(|known| known == name), "{name} is not in {names:?}");
    }
}

/// A decoder holds at most its factor times the size of the input plus a constant, for any input and whether it
/// succeeds or not. Counts in the input are not trusted.
#[test]
fn decoder_of_any_input_allocates_in_proportion_to_its_size() {
    let inputs = hostile_inputs();
    for decoders in &DECODERS {
        let name = without_spaces(decoders.name);
        let factor = factor(&name);
        let is_nested = NESTED.contains(&name.as_str());
        let constant = if is_nested { CONSTANT_OF_NESTED } else { CONSTANT };
        for input in &inputs {
            let limit = factor * input.len() as u64 + constant;
            let peak = peak_of_decoding(decoders, input);
            let front = Key::from_bytes(&input[..input.len().min(40)]);
            assert!(
                peak <= limit,
                "{name} held {peak} bytes, more than {limit}, over {} bytes that begin with {front}",
                input.len()
            );
        }
    }
}

/// Returns the most bytes held at one time while the input is decoded as a key and as a payload.
fn peak_of_decoding(decoders: &Decoders, input: &[u8]) -> u64 {
    let peaks = decoders.is_key.iter().chain(&decoders.is_payload).map(|decode| {
        peak_bytes(|| {
            black_box(decode(input));
        })
    });
    peaks.max().unwrap_or(0)
}

/// Returns the rows of the document's table of memory: types and their factors.
fn documented_factors() -> Vec<(String, u64)> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../persist-core/src/guide/encoding.md");
    let document = fs::read_to_string(file).expect("the document");
    let header = "| Type | Bytes in memory for one of the input, at most |";
    let table = document.lines().skip_while(|line| *line != header).skip(2);
    let rows = table.take_while(|line| line.starts_with('|'));
    let row = |row: &str| {
        let (name, factor) = row.trim_matches('|').split_once('|').expect("two cells");
        let factor = factor.trim().parse().expect("a number");
        (without_spaces(name.trim_matches([' ', '`'])), factor)
    };
    rows.map(row).collect()
}

/// The test above checks the upper bounds; this one checks that they are not too high.
#[test]
fn documented_factors_are_at_most_twice_the_measured_ones() {
    let (documented, inputs) = (documented_factors(), hostile_inputs());
    assert!(documented.len() > 8, "{documented:?}");
    for (name, documented) in documented {
        assert_eq!(documented, factor(&name), "{name}");
        let of_name = |decoders: &&Decoders| without_spaces(decoders.name) == name;
        let decoders = DECODERS.iter().find(of_name).expect("a type of the list");
        let is_reached = inputs.iter().any(|input| {
            let beyond_constant = peak_of_decoding(decoders, input).saturating_sub(CONSTANT);
            2 * beyond_constant > documented * input.len() as u64
        });
        assert!(is_reached, "{name} holds no more than half of {documented}");
    }
}

/// Returns inputs that claim more data than there is, or that need as much memory as possible, and each with all bits
/// flipped.
fn hostile_inputs() -> Vec<Vec<u8>> {
    let mut inputs = [counts(), nestings(), entries(), texts(), mutated_corpus()].concat();
    let flipped: Vec<Vec<u8>> =
        inputs.iter().map(|input| input.iter().map(|byte| !byte).collect()).collect();
    inputs.extend(flipped);
    inputs
}

fn long_count(count: u64) -> Vec<u8> {
    [&[0xFF, 0xFF][..], &count.to_be_bytes()].concat()
}

/// Returns the tag of a variant of [`Tree`](persist_tests::adversarial::Tree), which has two recursive variants.
fn tag(tag: u64) -> Vec<u8> {
    ((1 << 63) + tag).to_be_bytes().to_vec()
}

/// Returns counts that are too large, and counts that the bytes after them may satisfy.
fn counts() -> Vec<Vec<u8>> {
    // A count may come first, or after a flag, a tag, a text, a number or another count.
    let fronts = [vec![], vec![1], tag(2), vec![0, 1, b'a'], vec![0; 8], vec![0, 1]];
    let mut inputs = Vec::new();
    for front in &fronts {
        for rest in [0u16, 1, 2, 7, 16, 100, 1_000, 10_000] {
            let long = [u64::MAX, i64::MAX as u64, 1 << 40, 1 << 20, 0xFFFF].map(long_count);
            let short = [u16::MAX - 1, rest, rest / 2, rest / 3, rest / 8, rest / 9]
                .map(|count| count.to_be_bytes().to_vec());
            for count in long.iter().chain(&short) {
                for fill in [0, 1, 0x80, 0xFF] {
                    inputs.push([&front[..], count, &vec![fill; rest.into()]].concat());
                }
            }
        }
    }
    inputs
}

/// Returns nested levels, up to the allowed depth and beyond.
fn nestings() -> Vec<Vec<u8>> {
    let bush = |count: u16| [tag(2), count.to_be_bytes().to_vec()].concat();
    let levels = [
        vec![0, 1],
        vec![0, 2],
        vec![4, 0],
        vec![0xFF, 0xFE],
        vec![1],
        tag(1),
        bush(1),
        bush(100),
        bush(1_000),
        bush(16_000),
    ];
    let mut inputs = Vec::new();
    for level in &levels {
        for depth in [1, 3, 20, 127, 128, 129, 2_000] {
            for rest in [0, 10, 2_000, 20_000] {
                inputs.push([level.repeat(depth), vec![0; rest]].concat());
            }
        }
    }
    inputs
}

/// Returns as many ascending entries as possible: bytes, numbers, and texts with values of several widths.
fn entries() -> Vec<Vec<u8>> {
    let low = |n: u16| n.to_be_bytes()[1];
    let keys: [&dyn Fn(u16) -> Vec<u8>; 6] = [
        &|n| vec![low(n)],
        &|n| vec![!low(n)],
        &|n| u64::from(n).to_be_bytes().to_vec(),
        &|n| vec![0, 2, low(n >> 7) & 0x7F, low(n) & 0x7F],
        // The shortest texts.
        &|n| match n {
            0 => vec![0, 0],
            1..=128 => vec![0, 1, low(n) - 1],
            _ => vec![0, 2, low(n >> 7) & 0x7F, low(n) & 0x7F],
        },
        // `Lex` texts.
        &|n| vec![low(n / 120 + 2), low(n % 120 + 2), 0, 1],
    ];
    let mut inputs = Vec::new();
    for key in keys {
        for count in [1u16, 11, 12, 100, 256, 1_000, 5_000] {
            for width in [0, 1, 2, 4, 10] {
                let entries = (0..count).flat_map(|n| [key(n), vec![0; width]].concat());
                inputs.push(count.to_be_bytes().into_iter().chain(entries).collect());
            }
        }
    }
    inputs
}

/// Returns long text with and without escapes, and long `Lex` sequences, which have no count.
fn texts() -> Vec<Vec<u8>> {
    let mut inputs = Vec::new();
    for len in [100u16, 1_000, 4_097, 10_000] {
        let times = usize::from(len);
        inputs.push([len.to_be_bytes().to_vec(), vec![b'a'; times]].concat());
        inputs.push([vec![b'a'; times], vec![0, 1]].concat());
        inputs.push([[0, 0xFF].repeat(times), vec![0, 1]].concat());
        inputs.push([vec![b'a'; times], vec![0, 0xFF], vec![b'a'; times], vec![0, 1]].concat());
        inputs.push([[1, 0, 0].repeat(times), vec![0]].concat());
        inputs.push([[1, 0, 1].repeat(times), vec![0]].concat());
    }
    inputs
}

/// Returns the encodings of all types in the fuzzing corpus, and each with one byte changed.
fn mutated_corpus() -> Vec<Vec<u8>> {
    let mut inputs = Vec::new();
    for input in corpus("decode_key") {
        // The first byte selects the type.
        let bytes = input.get(1..).unwrap_or_default().to_vec();
        for place in 0..bytes.len().min(12) {
            for byte in [0, 1, 0x40, 0xFF] {
                let mut changed = bytes.clone();
                changed[place] = byte;
                inputs.push(changed);
            }
        }
        inputs.push(bytes);
    }
    inputs
}

/// Returns a job on each backend, with a row `"k"` whose payload has `bytes` bytes.
fn jobs_with_payload_of(bytes: usize, root: &Path) -> Vec<Job> {
    let stores = [Persistency::open(Memory::new()), Persistency::open(Sqlite::at(root))];
    let jobs = stores.map(|store| store.unwrap().open_job("alpha").wait().unwrap());
    for job in &jobs {
        job.persist_put("c", "k", vec![7; bytes]).wait().unwrap();
    }
    jobs.into()
}

#[test]
fn exists_of_a_large_row_does_not_read_its_payload() {
    const PAYLOAD: usize = 4 << 20;
    let root = tempfile::tempdir().unwrap();
    for job in jobs_with_payload_of(PAYLOAD, root.path()) {
        let by_job = peak_bytes(|| assert!(job.exists("c", "k").wait().unwrap()));
        let in_view = job.read(|at| Ok(peak_bytes(|| assert!(at.exists("c", "k").unwrap()))));
        let in_transaction =
            job.transact(|tx| Ok(peak_bytes(|| assert!(tx.exists("c", "k").unwrap()))));
        let peaks = [by_job, in_view.wait().unwrap(), in_transaction.wait().unwrap()];
        assert!(peaks.iter().all(|&peak| peak < 100_000), "{job:?}: {peaks:?} bytes");
        // A read of the payload does exceed the limit.
        let read = peak_bytes(|| drop(job.get("c", "k").wait().unwrap()));
        assert!(read >= PAYLOAD as u64, "{job:?}: {read} bytes");
    }
}
