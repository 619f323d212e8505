#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| persist_tests::fuzzing::parse_descriptor(data));
