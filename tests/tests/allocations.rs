//! How much memory keys, encoders and decoders ask for, by a counting allocator.

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
use persist_tests::fuzzing::{DECODERS, Decoders};

/// How often `run` allocates.
fn allocations(run: impl FnOnce()) -> u64 {
    measure(run).count_total
}

/// How many bytes `run` holds at one time, at most. Growing a vector holds both, the old and the new.
fn peak_bytes(run: impl FnOnce()) -> u64 {
    measure(run).bytes_max
}

const BYTES: [u8; 31] = *b"thirty-one bytes, one too many.";

#[test]
fn a_key_is_32_bytes() {
    assert_eq!(size_of::<Key>(), 32);
}

#[test]
fn keys_up_to_30_bytes_are_built_without_an_allocation() {
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
fn a_key_of_31_bytes_is_built_by_one_allocation() {
    assert_eq!(allocations(|| drop(black_box(Key::from_bytes(BYTES)))), 1, "from_bytes");
    let text = "some 21 bytes of text";
    assert_eq!(key!(text, 7i64).len(), 31);
    assert_eq!(allocations(|| drop(black_box(key!(text, 7i64)))), 1, "key!");
    assert_eq!(allocations(|| drop(black_box((text, 7i64).to_key()))), 1, "to_key");
}

#[test]
fn keys_up_to_30_bytes_are_used_without_an_allocation() {
    let (key, other) = (key!("twenty bytes of text", 7i64), key!("twenty bytes of text", 8i64));
    assert_eq!(allocations(|| drop(black_box(key.clone()))), 0, "clone");
    assert_eq!(allocations(|| assert!(key < other && key != other)), 0, "comparing");
    assert_eq!(allocations(|| key.hash(black_box(&mut DefaultHasher::new()))), 0, "hashing");
    let decoded = || assert_eq!(key.decode::<(&str, i64)>(), Ok(("twenty bytes of text", 7)));
    assert_eq!(allocations(decoded), 0, "decoding what borrows");
}

#[test]
fn a_key_of_31_bytes_is_cloned_by_one_allocation_and_compared_without_one() {
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
fn a_struct_is_encoded_into_a_reused_vector_without_an_allocation() {
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
fn a_payload_is_built_by_one_allocation() {
    let view = View { sender: "ann", body: &BYTES, epoch: -1 };
    assert_eq!(allocations(|| drop(black_box(view.to_payload()))), 1, "to_payload");
    assert_eq!(allocations(|| drop(black_box(payload!(view)))), 1, "payload!");
}

#[test]
fn a_struct_that_borrows_is_decoded_without_an_allocation() {
    let view = View { sender: "ann", body: &BYTES, epoch: -1 };
    let (key, payload) = (view.to_key(), view.to_payload());
    let of_a_key = || assert_eq!(View::from_key_bytes(key.as_bytes()).as_ref(), Ok(&view));
    assert_eq!(allocations(of_a_key), 0, "a key");
    let of_a_payload =
        || assert_eq!(View::from_payload_bytes(payload.as_bytes()).as_ref(), Ok(&view));
    assert_eq!(allocations(of_a_payload), 0, "a payload");
}

/// How often encoding into a vector with room allocates.
fn to_encode<T: KeyEncode>(value: &T) -> u64 {
    let mut buffer = Vec::with_capacity(value.encoded_key_len());
    allocations(|| value.encode_key(&mut Sink::new(&mut buffer)))
}

#[test]
fn sets_and_maps_that_are_in_the_order_of_their_keys_are_encoded_without_an_allocation() {
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
    // "b" comes before "aa" in keys, so these have to be sorted, all at once.
    assert_eq!(to_encode(&names.map(str::to_owned).into_iter().collect::<BTreeSet<_>>()), 1);
}

/// What the bound of a decoder adds to its share of the input: an error, and the first node of a map.
const CONSTANT: u64 = 1_024;

/// What it adds for a type that nests in itself: its error names a field on each of 128 levels.
const CONSTANT_OF_NESTED: u64 = 7 * 1_024;

/// The types that nest in themselves.
const NESTED: [&str; 6] = [
    "Tree",
    "recursive::Chain",
    "recursive::Rose",
    "recursive::Sparse<String>",
    "recursive::Folder",
    "recursive::Term",
];

/// How many bytes a decoder may hold for each byte of its input.
///
/// One is for a copy of text or bytes, or for as many elements of a sequence as the input is large, which
/// is what is reserved at first. What the others come from stands beside them, where "grown" says that
/// the old and the new memory are held at one time. `docs/encoding.md` gives some of them.
const FACTORS: [(&str, u64); 39] = [
    // Flipped, and then copied into its owner.
    ("Reverse<String>", 2),
    ("descending::DescText", 2),
    ("descending::DescCompounds", 2),
    // Copied behind the counts of a shared pointer.
    ("Rc<[u8]>", 2),
    ("Arc<[u64]>", 2),
    // Bytes without their escapes, grown: three times their number at most.
    ("Lex<String>", 3),
    ("Lex<Vec<u8>>", 3),
    ("Lex<Bytes>", 3),
    ("Lex<Option<Cow<str>>>", 3),
    ("lexical::LexText", 3),
    ("lexical::LexBytes", 3),
    ("borrowing::Escaped<'_>", 3),
    // 24 bytes for an empty text, which takes two of input, grown from 8/12 of what is needed.
    ("Vec<String>", 24),
    ("Shortlex<Vec<String>>", 24),
    // The same for 16 bytes.
    ("Vec<&str>", 24),
    ("borrowing::Lines<'_>", 24),
    // The same twice, where what is reserved inside comes on top.
    ("Vec<Vec<Vec<u8>>>", 27),
    ("Everything", 27),
    ("containers::Texts", 27),
    // 24 bytes for three of input, grown from nothing.
    ("Lex<Vec<String>>", 24),
    ("Reverse<Lex<Vec<Lex<String>>>>", 24),
    ("lexical::LexSequences", 24),
    ("lexical::LexDerived", 24),
    ("ordered::Claimed", 24),
    ("wrapped::InLex", 24),
    // 16 bytes for the one of an absent number, grown.
    ("containers::Options", 24),
    // 32 bytes for ten of input, grown.
    ("Pair<String,Pair<u8,Vec<Header>>>", 11),
    // What the input could hold is reserved on the first levels, and half of that on each further one.
    ("Tree", 10),
    ("recursive::Rose", 10),
    // 48 bytes for the one of an absent child, grown.
    ("recursive::Sparse<String>", 96),
    // Nodes for eleven entries, of which six are there, for three bytes of input an entry or more.
    ("BTreeSet<String>", 24),
    ("BTreeMap<String,()>", 24),
    ("BTreeSet<BTreeSet<Reverse<u8>>>", 32),
    ("BTreeMap<Lex<String>,BTreeMap<u8,bool>>", 32),
    // Tables of up to 16/7 of the entries, each with a byte of its own, and grown.
    ("HashMap<String,Header>", 16),
    ("Reverse<HashMap<u16,String>>", 14),
    // The same, where a table weighs more than its small entries.
    ("HashSet<Option<bool>>", 5),
    // Nodes that weigh more than their small entries.
    ("BTreeSet<u8>", 4),
    ("BTreeMap<u8,f32>", 4),
];

fn factor(name: &str) -> u64 {
    let listed = FACTORS.iter().find(|(listed, _)| *listed == name);
    listed.map_or(1, |(_, factor)| *factor)
}

/// The name of a type as it is listed here.
fn without_spaces(name: &str) -> String {
    name.split(' ').collect()
}

#[test]
fn every_factor_is_that_of_a_type() {
    let names = DECODERS.each_ref().map(|decoders| without_spaces(decoders.name));
    for name in FACTORS.iter().map(|(name, _)| name).chain(&NESTED) {
        assert!(names.iter().any(|known| known == name), "{name} is not in {names:?}");
    }
}

/// For any input of n bytes, what a decoder holds at one time is at most its factor times n and a
/// constant more, whether it succeeds or not. No count is believed.
#[test]
fn decoders_allocate_in_proportion_to_their_input_whatever_it_says() {
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

/// What decoding the input as a key or as a payload holds at one time.
fn peak_of_decoding(decoders: &Decoders, input: &[u8]) -> u64 {
    let peaks = decoders.is_key.iter().chain(&decoders.is_payload).map(|decode| {
        peak_bytes(|| {
            black_box(decode(input));
        })
    });
    peaks.max().unwrap_or(0)
}

/// The rows of the document's table of memory: types and their factors.
fn documented_factors() -> Vec<(String, u64)> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/encoding.md");
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

/// The bound of each is tested above; that it isn't idle is tested here.
#[test]
fn decoders_need_more_than_half_of_what_the_document_says_at_most() {
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

/// Inputs that ask for more than there is, or for as much as they can, and each with all bits flipped.
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

/// The tag of a variant of [`Tree`](persist_tests::adversarial::Tree), which nests in two ways.
fn tag(tag: u64) -> Vec<u8> {
    ((1 << 63) + tag).to_be_bytes().to_vec()
}

/// Counts, false ones and those that what is behind them could be made of.
fn counts() -> Vec<Vec<u8>> {
    // A count may come behind nothing, a flag, a tag, a text, a number, another count.
    let fronts = [vec![], vec![1], tag(2), vec![0, 1, b'a'], vec![0; 8], vec![0, 1]];
    let mut inputs = Vec::new();
    for front in &fronts {
        for behind in [0u16, 1, 2, 7, 16, 100, 1_000, 10_000] {
            let long = [u64::MAX, i64::MAX as u64, 1 << 40, 1 << 20, 0xFFFF].map(long_count);
            let short = [u16::MAX - 1, behind, behind / 2, behind / 3, behind / 8, behind / 9]
                .map(|count| count.to_be_bytes().to_vec());
            for count in long.iter().chain(&short) {
                for fill in [0, 1, 0x80, 0xFF] {
                    inputs.push([&front[..], count, &vec![fill; behind.into()]].concat());
                }
            }
        }
    }
    inputs
}

/// Levels in levels, to the depth that is allowed and beyond.
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
            for behind in [0, 10, 2_000, 20_000] {
                inputs.push([level.repeat(depth), vec![0; behind]].concat());
            }
        }
    }
    inputs
}

/// As many ascending entries as there can be: bytes, numbers and texts with values of several widths.
fn entries() -> Vec<Vec<u8>> {
    let low = |n: u16| n.to_be_bytes()[1];
    let keys: [&dyn Fn(u16) -> Vec<u8>; 6] = [
        &|n| vec![low(n)],
        &|n| vec![!low(n)],
        &|n| u64::from(n).to_be_bytes().to_vec(),
        &|n| vec![0, 2, low(n >> 7) & 0x7F, low(n) & 0x7F],
        // All of the shortest texts.
        &|n| match n {
            0 => vec![0, 0],
            1..=128 => vec![0, 1, low(n) - 1],
            _ => vec![0, 2, low(n >> 7) & 0x7F, low(n) & 0x7F],
        },
        // Lex texts.
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

/// Long text with and without escapes, and long `Lex` sequences, which have no count.
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

/// Encodings of every type, from what fuzzing found worth keeping, and each with a byte changed.
fn mutated_corpus() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/decode_key");
    let mut inputs = Vec::new();
    for file in fs::read_dir(folder).expect("the corpus") {
        let input = fs::read(file.expect("an entry of the corpus").path()).expect("its bytes");
        // The first byte chooses the type.
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

/// A job on each backend, with a row `"k"` whose payload has this many bytes.
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
        // A read of the payload is noticed.
        let read = peak_bytes(|| drop(job.get("c", "k").wait().unwrap()));
        assert!(read >= PAYLOAD as u64, "{job:?}: {read} bytes");
    }
}
