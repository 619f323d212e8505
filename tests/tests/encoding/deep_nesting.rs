//! The documented limit of nesting, with the default stack of a thread, in a build that isn't optimized.
//!
//! Debug builds give every local variable of a function a place of its own on the stack. So the size of a frame grows
//! with all branches of a function, not only with the branch that is taken.

use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::fmt::Debug;
use std::rc::Rc;
use std::sync::Arc;
use std::thread;

use persist_core::codec::MAX_DEPTH;
use persist_core::{
    DecodeError, Key, KeyDecode, KeyEncode, Lex, Payload, PayloadDecode, PayloadEncode,
};

/// The default stack size of a thread.
const DEFAULT_STACK: usize = 2 << 20;

/// The largest size of a level for which the limit of nesting is promised.
const LARGEST_LEVEL: usize = 1_536;

/// A type whose values can contain values of the same type.
trait Nested:
    KeyEncode + PayloadEncode + for<'a> KeyDecode<'a> + for<'a> PayloadDecode<'a> + Sized
{
    /// The number of levels that [`around`](Self::around) adds.
    const LEVELS: usize = 1;

    fn innermost() -> Self;

    fn around(inner: Self) -> Self;
}

/// Returns a value nested `count` times `T::LEVELS` deep.
fn levels<T: Nested>(count: usize) -> T {
    let mut value = T::innermost();
    for _ in 1..count {
        value = T::around(value);
    }
    value
}

fn on_a_stack_of<R: Send + 'static>(bytes: usize, run: impl FnOnce() -> R + Send + 'static) -> R {
    let thread = thread::Builder::new().stack_size(bytes).spawn(run).expect("a thread starts");
    thread.join().expect("the thread ends without a panic")
}

/// Runs every operation on a value with the most levels, and decodes input with more levels.
fn assert_fits_the_default_stack<T: Nested + 'static>() {
    assert!(size_of::<T>() <= LARGEST_LEVEL, "{} bytes", size_of::<T>());
    let too_deep = on_a_stack_of(1 << 30, || {
        let count = MAX_DEPTH / T::LEVELS;
        [count + 1, 2 * count].map(|count| {
            let value = levels::<T>(count);
            (value.to_key(), value.to_payload())
        })
    });
    on_a_stack_of(DEFAULT_STACK, move || {
        let value = levels::<T>(MAX_DEPTH / T::LEVELS);
        let (key, payload) = (value.to_key(), value.to_payload());
        assert_eq!(value.encoded_key_len(), key.len());
        assert_eq!(value.encoded_payload_len(), payload.len());
        assert_eq!(value.key_cmp(&value), Ordering::Equal);
        assert_eq!(T::key_descriptor(), T::key_descriptor());
        assert_eq!(T::payload_descriptor(), T::payload_descriptor());
        let decoded: T = key.decode().expect("a key of the most levels is decoded");
        assert_eq!(decoded.key_cmp(&value), Ordering::Equal);
        let decoded: T = payload.decode().expect("a payload of the most levels is decoded");
        assert_eq!(decoded.to_payload(), payload);
        for (key, payload) in &too_deep {
            assert_refused::<T>(key, payload);
        }
    });
}

fn assert_refused<T: Nested>(key: &Key, payload: &Payload) {
    let errors = [key.decode::<T>().err(), payload.decode::<T>().err()];
    for error in errors {
        let error: DecodeError = error.expect("more levels are refused");
        assert_eq!(error.expected(), "nesting of at most 128 levels");
    }
}

/// Defines an enum of these variants, all with the same fields; the first one holds the inner value as given.
macro_rules! nested_enum {
    ($Name:ident $fields:tt, |$inner:ident| $value:tt, $First:ident $($Variant:ident)*) => {
        #[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
        #[allow(dead_code)]
        enum $Name {
            $First $fields,
            $($Variant $fields,)*
        }

        impl Nested for $Name {
            fn innermost() -> Self {
                let $inner = None;
                Self::$First $value
            }

            fn around(inner: Self) -> Self {
                let $inner = Some(Box::new(inner));
                Self::$First $value
            }
        }
    };
}

nested_enum! {
    OneVariant { #[key(fixed)] #[payload(fixed)] bytes: [u8; 1_500], inner: Option<Box<Self>> },
    |inner| { bytes: [7; 1_500], inner }, Only
}

nested_enum! {
    FiveLargeVariants { #[key(fixed)] #[payload(fixed)] bytes: [u8; 552], inner: Option<Box<Self>> },
    |inner| { bytes: [7; 552], inner }, V0 V1 V2 V3 V4
}

nested_enum! {
    FiveLargeVariantsOfNumbers { numbers: [u64; 69], inner: Option<Box<Self>> },
    |inner| { numbers: [7; 69], inner }, V0 V1 V2 V3 V4
}

nested_enum! {
    FortySmallVariants { number: u64, text: String, inner: Option<Box<Self>> },
    |inner| { number: 7, text: "text".into(), inner },
    V0 V1 V2 V3 V4 V5 V6 V7 V8 V9 V10 V11 V12 V13 V14 V15 V16 V17 V18 V19 V20 V21 V22 V23
    V24 V25 V26 V27 V28 V29 V30 V31 V32 V33 V34 V35 V36 V37 V38 V39
}

nested_enum! {
    FortyVariantsOfManyFields {
        a: u64, b: bool, c: String, d: Option<u32>, e: (u8, u8), #[key(lex)] f: String, #[key(desc)] g: i64,
        h: Vec<u64>, i: char, j: f64, inner: Option<Box<Self>>
    },
    |inner| {
        a: 7, b: true, c: "text".into(), d: Some(7), e: (7, 7), f: "text".into(), g: -7, h: vec![7], i: 'i', j: 0.7,
        inner
    },
    V0 V1 V2 V3 V4 V5 V6 V7 V8 V9 V10 V11 V12 V13 V14 V15 V16 V17 V18 V19 V20 V21 V22 V23
    V24 V25 V26 V27 V28 V29 V30 V31 V32 V33 V34 V35 V36 V37 V38 V39
}

nested_enum! {
    ThreeHundredSmallVariants { number: u64, text: String, inner: Option<Box<Self>> },
    |inner| { number: 7, text: "text".into(), inner },
    V0 V1 V2 V3 V4 V5 V6 V7 V8 V9 V10 V11 V12 V13 V14 V15 V16 V17 V18 V19 V20 V21 V22 V23
    V24 V25 V26 V27 V28 V29 V30 V31 V32 V33 V34 V35 V36 V37 V38 V39 V40 V41 V42 V43 V44 V45
    V46 V47 V48 V49 V50 V51 V52 V53 V54 V55 V56 V57 V58 V59 V60 V61 V62 V63 V64 V65 V66 V67
    V68 V69 V70 V71 V72 V73 V74 V75 V76 V77 V78 V79 V80 V81 V82 V83 V84 V85 V86 V87 V88 V89
    V90 V91 V92 V93 V94 V95 V96 V97 V98 V99 V100 V101 V102 V103 V104 V105 V106 V107 V108
    V109 V110 V111 V112 V113 V114 V115 V116 V117 V118 V119 V120 V121 V122 V123 V124 V125
    V126 V127 V128 V129 V130 V131 V132 V133 V134 V135 V136 V137 V138 V139 V140 V141 V142
    V143 V144 V145 V146 V147 V148 V149 V150 V151 V152 V153 V154 V155 V156 V157 V158 V159
    V160 V161 V162 V163 V164 V165 V166 V167 V168 V169 V170 V171 V172 V173 V174 V175 V176
    V177 V178 V179 V180 V181 V182 V183 V184 V185 V186 V187 V188 V189 V190 V191 V192 V193
    V194 V195 V196 V197 V198 V199 V200 V201 V202 V203 V204 V205 V206 V207 V208 V209 V210
    V211 V212 V213 V214 V215 V216 V217 V218 V219 V220 V221 V222 V223 V224 V225 V226 V227
    V228 V229 V230 V231 V232 V233 V234 V235 V236 V237 V238 V239 V240 V241 V242 V243 V244
    V245 V246 V247 V248 V249 V250 V251 V252 V253 V254 V255 V256 V257 V258 V259 V260 V261
    V262 V263 V264 V265 V266 V267 V268 V269 V270 V271 V272 V273 V274 V275 V276 V277 V278
    V279 V280 V281 V282 V283 V284 V285 V286 V287 V288 V289 V290 V291 V292 V293 V294 V295
    V296 V297 V298 V299
}

nested_enum! {
    ThreeHundredLargeVariants { #[key(fixed)] #[payload(fixed)] bytes: [u8; 1_500], inner: Option<Box<Self>> },
    |inner| { bytes: [7; 1_500], inner },
    V0 V1 V2 V3 V4 V5 V6 V7 V8 V9 V10 V11 V12 V13 V14 V15 V16 V17 V18 V19 V20 V21 V22 V23
    V24 V25 V26 V27 V28 V29 V30 V31 V32 V33 V34 V35 V36 V37 V38 V39 V40 V41 V42 V43 V44 V45
    V46 V47 V48 V49 V50 V51 V52 V53 V54 V55 V56 V57 V58 V59 V60 V61 V62 V63 V64 V65 V66 V67
    V68 V69 V70 V71 V72 V73 V74 V75 V76 V77 V78 V79 V80 V81 V82 V83 V84 V85 V86 V87 V88 V89
    V90 V91 V92 V93 V94 V95 V96 V97 V98 V99 V100 V101 V102 V103 V104 V105 V106 V107 V108
    V109 V110 V111 V112 V113 V114 V115 V116 V117 V118 V119 V120 V121 V122 V123 V124 V125
    V126 V127 V128 V129 V130 V131 V132 V133 V134 V135 V136 V137 V138 V139 V140 V141 V142
    V143 V144 V145 V146 V147 V148 V149 V150 V151 V152 V153 V154 V155 V156 V157 V158 V159
    V160 V161 V162 V163 V164 V165 V166 V167 V168 V169 V170 V171 V172 V173 V174 V175 V176
    V177 V178 V179 V180 V181 V182 V183 V184 V185 V186 V187 V188 V189 V190 V191 V192 V193
    V194 V195 V196 V197 V198 V199 V200 V201 V202 V203 V204 V205 V206 V207 V208 V209 V210
    V211 V212 V213 V214 V215 V216 V217 V218 V219 V220 V221 V222 V223 V224 V225 V226 V227
    V228 V229 V230 V231 V232 V233 V234 V235 V236 V237 V238 V239 V240 V241 V242 V243 V244
    V245 V246 V247 V248 V249 V250 V251 V252 V253 V254 V255 V256 V257 V258 V259 V260 V261
    V262 V263 V264 V265 V266 V267 V268 V269 V270 V271 V272 V273 V274 V275 V276 V277 V278
    V279 V280 V281 V282 V283 V284 V285 V286 V287 V288 V289 V290 V291 V292 V293 V294 V295
    V296 V297 V298 V299
}

#[test]
fn enum_of_one_variant_at_the_depth_limit_fits_the_default_stack() {
    assert_fits_the_default_stack::<OneVariant>();
}

#[test]
fn enum_of_five_large_variants_at_the_depth_limit_fits_the_default_stack() {
    assert_fits_the_default_stack::<FiveLargeVariants>();
    assert_fits_the_default_stack::<FiveLargeVariantsOfNumbers>();
}

#[test]
fn enum_of_forty_variants_at_the_depth_limit_fits_the_default_stack() {
    assert_fits_the_default_stack::<FortySmallVariants>();
    assert_fits_the_default_stack::<FortyVariantsOfManyFields>();
}

#[test]
fn enum_of_three_hundred_variants_at_the_depth_limit_fits_the_default_stack() {
    assert_fits_the_default_stack::<ThreeHundredSmallVariants>();
    assert_fits_the_default_stack::<ThreeHundredLargeVariants>();
}

/// Defines a struct with a field of the given type for each name, and an inner value.
macro_rules! nested_struct {
    ($Name:ident: $Field:ty = $value:expr, $($field:ident)*) => {
        #[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
        struct $Name {
            $($field: $Field,)*
            inner: Option<Box<Self>>,
        }

        impl Nested for $Name {
            fn innermost() -> Self {
                Self { $($field: $value,)* inner: None }
            }

            fn around(inner: Self) -> Self {
                Self { $($field: $value,)* inner: Some(Box::new(inner)) }
            }
        }
    };
}

nested_struct! { ManyNumbers: u64 = 7,
    f0 f1 f2 f3 f4 f5 f6 f7 f8 f9 f10 f11 f12 f13 f14 f15 f16 f17 f18 f19 f20 f21 f22 f23
    f24 f25 f26 f27 f28 f29 f30 f31 f32 f33 f34 f35 f36 f37 f38 f39 f40 f41 f42 f43 f44 f45
    f46 f47 f48 f49 f50 f51 f52 f53 f54 f55 f56 f57 f58 f59 f60 f61 f62 f63 f64 f65 f66 f67
    f68 f69 f70 f71 f72 f73 f74 f75 f76 f77 f78 f79 f80 f81 f82 f83 f84 f85 f86 f87 f88 f89
    f90 f91 f92 f93 f94 f95 f96 f97 f98 f99 f100 f101 f102 f103 f104 f105 f106 f107 f108
    f109 f110 f111 f112 f113 f114 f115 f116 f117 f118 f119 f120 f121 f122 f123 f124 f125
    f126 f127 f128 f129 f130 f131 f132 f133 f134 f135 f136 f137 f138 f139 f140 f141 f142
    f143 f144 f145 f146 f147 f148 f149 f150 f151 f152 f153 f154 f155 f156 f157 f158 f159
    f160 f161 f162 f163 f164 f165 f166 f167 f168 f169 f170 f171 f172 f173 f174 f175 f176
    f177 f178 f179
}

nested_struct! { ManyTexts: String = "text".into(),
    s0 s1 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 s12 s13 s14 s15 s16 s17 s18 s19 s20 s21 s22 s23
    s24 s25 s26 s27 s28 s29 s30 s31 s32 s33 s34 s35 s36 s37 s38 s39 s40 s41 s42 s43 s44 s45
    s46 s47 s48 s49 s50 s51 s52 s53 s54 s55 s56 s57 s58 s59
}

#[test]
fn struct_of_many_fields_at_the_depth_limit_fits_the_default_stack() {
    assert_fits_the_default_stack::<ManyNumbers>();
    assert_fits_the_default_stack::<ManyTexts>();
}

const SIZE: usize = 1_400;

/// Defines a struct of nearly the largest size, which holds the inner value inside another type.
macro_rules! nested_within {
    ($($Name:ident: $Container:ty, $empty:expr, |$inner:ident| $one:expr;)*) => {$(
        #[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
        struct $Name {
            #[key(fixed)]
            #[payload(fixed)]
            bytes: [u8; SIZE],
            inner: $Container,
            last: u8,
        }

        impl Nested for $Name {
            fn innermost() -> Self {
                Self { bytes: [7; SIZE], inner: $empty, last: 7 }
            }

            fn around($inner: Self) -> Self {
                Self { bytes: [7; SIZE], inner: $one, last: 7 }
            }
        }
    )*};
}

nested_within! {
    WithinVec: Vec<Self>, vec![], |inner| vec![inner];
    WithinVecDeque: VecDeque<Self>, VecDeque::new(), |inner| VecDeque::from([inner]);
    WithinSlice: Box<[Self]>, Box::new([]), |inner| Box::new([inner]);
    WithinSharedSlice: Arc<[Self]>, Arc::new([]), |inner| Arc::new([inner]);
    WithinRc: Option<Rc<Self>>, None, |inner| Some(Rc::new(inner));
    WithinArc: Option<Arc<Self>>, None, |inner| Some(Arc::new(inner));
    WithinBoxedOption: Box<Option<Self>>, Box::new(None), |inner| Box::new(Some(inner));
    WithinResult: Result<Box<Self>, u8>, Err(7), |inner| Ok(Box::new(inner));
    WithinBoxedResult: Box<Result<Self, u8>>, Box::new(Err(7)), |inner| Box::new(Ok(inner));
    WithinTuple: (u8, Option<Box<Self>>, u8), (7, None, 7), |inner| (7, Some(Box::new(inner)), 7);
    WithinBoxedTuple: Option<Box<(u8, Self, u8)>>, None, |inner| Some(Box::new((7, inner, 7)));
    WithinVecOfTuples: Vec<(u8, Self)>, vec![], |inner| vec![(7, inner)];
    WithinBoxedArray: Option<Box<[Self; 1]>>, None, |inner| Some(Box::new([inner]));
    WithinMap: BTreeMap<u8, Self>, BTreeMap::new(), |inner| BTreeMap::from([(7, inner)]);
    WithinHashMap: HashMap<u8, Self>, HashMap::new(), |inner| HashMap::from([(7, inner)]);
    WithinLex: Lex<Vec<Self>>, Lex(vec![]), |inner| Lex(vec![inner]);
    WithinReverse: Reverse<Option<Box<Self>>>, Reverse(None), |inner| Reverse(Some(Box::new(inner)));
}

#[test]
fn struct_within_sequences_at_the_depth_limit_fits_the_default_stack() {
    assert_fits_the_default_stack::<WithinVec>();
    assert_fits_the_default_stack::<WithinVecDeque>();
    assert_fits_the_default_stack::<WithinSlice>();
    assert_fits_the_default_stack::<WithinSharedSlice>();
    assert_fits_the_default_stack::<WithinVecOfTuples>();
    assert_fits_the_default_stack::<WithinBoxedArray>();
    assert_fits_the_default_stack::<WithinLex>();
}

#[test]
fn struct_within_pointers_at_the_depth_limit_fits_the_default_stack() {
    assert_fits_the_default_stack::<WithinRc>();
    assert_fits_the_default_stack::<WithinArc>();
    assert_fits_the_default_stack::<WithinBoxedOption>();
    assert_fits_the_default_stack::<WithinResult>();
    assert_fits_the_default_stack::<WithinBoxedResult>();
    assert_fits_the_default_stack::<WithinReverse>();
}

#[test]
fn struct_within_tuples_and_maps_at_the_depth_limit_fits_the_default_stack() {
    assert_fits_the_default_stack::<WithinTuple>();
    assert_fits_the_default_stack::<WithinBoxedTuple>();
    assert_fits_the_default_stack::<WithinMap>();
    assert_fits_the_default_stack::<WithinHashMap>();
}

/// A set needs an order of its elements.
#[derive(
    KeyEncode, KeyDecode, PayloadEncode, PayloadDecode, Debug, PartialEq, Eq, PartialOrd, Ord,
)]
struct WithinSet {
    #[key(fixed)]
    #[payload(fixed)]
    bytes: [u8; SIZE],
    inner: std::collections::BTreeSet<Self>,
}

impl Nested for WithinSet {
    fn innermost() -> Self {
        Self { bytes: [7; SIZE], inner: [].into() }
    }

    fn around(inner: Self) -> Self {
        Self { bytes: [7; SIZE], inner: [inner].into() }
    }
}

#[test]
fn struct_within_sets_at_the_depth_limit_fits_the_default_stack() {
    assert_fits_the_default_stack::<WithinSet>();
}

/// Two types that contain each other, one of them generic.
#[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
struct Folder<T> {
    #[key(fixed)]
    #[payload(fixed)]
    bytes: [u8; SIZE],
    entries: Vec<(u8, T)>,
}

#[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
#[allow(dead_code, clippy::large_enum_variant)] // That is the case to be tested.
enum Entry {
    Empty,
    Text(String),
    File {
        #[key(fixed)]
        #[payload(fixed)]
        bytes: [u8; SIZE],
    },
    Folder(Box<Folder<Self>>),
    Folders(BTreeMap<u8, Folder<Self>>),
}

impl Nested for Entry {
    const LEVELS: usize = 2;

    fn innermost() -> Self {
        Self::Folder(Box::new(Folder { bytes: [7; SIZE], entries: vec![] }))
    }

    fn around(inner: Self) -> Self {
        Self::Folder(Box::new(Folder { bytes: [7; SIZE], entries: vec![(7, inner)] }))
    }
}

#[test]
fn two_types_that_contain_each_other_at_the_depth_limit_fit_the_default_stack() {
    assert_fits_the_default_stack::<Entry>();
}
