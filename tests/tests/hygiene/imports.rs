//! The imports within a crate point one way: each room (a folder of modules) imports only the rooms that its area's table
//! lists, and the files of a room form no circle of more than two.
//!
//! The test reads the paths that begin with `crate`, `super`, `self` or a child module, in `use` items and elsewhere. It ignores
//! test modules, visibilities, and `$crate` in macros, which are read from other crates.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::{fs, iter};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A module whose children are rooms.
struct Area {
    /// The source folder of its crate.
    src: &'static str,
    /// Its module in the crate; empty for the crate itself.
    module: &'static str,
    /// Its rooms, and for each the rooms above it in this list that it may import. All other files of the area, such as `lib.rs`, may
    /// import every room, and no room may import them.
    rooms: &'static [(&'static str, &'static [&'static str])],
    /// Whether circles are looked for. They are not if the rooms are areas themselves.
    has_files: bool,
    /// The exceptions. There should be none.
    known: &'static [&'static str],
}

const CORE: Area = Area {
    src: "persist-core/src",
    module: "",
    rooms: &[("encoding", &[]), ("store", &["encoding"])],
    has_files: false,
    known: &[],
};

const ENCODING: Area = Area {
    src: "persist-core/src",
    module: "encoding",
    rooms: &[
        ("base", &[]),
        ("descriptor", &["base"]),
        ("model", &["base", "descriptor"]),
        ("lex", &["base", "descriptor", "model"]),
        ("numbers", &["base", "descriptor", "model", "lex"]),
        ("text", &["base", "descriptor", "model"]),
        ("addresses", &["base", "descriptor", "model"]),
        ("collections", &["base", "descriptor", "model"]),
        ("compounds", &["base", "descriptor", "model"]),
        ("wrappers", &["base", "descriptor", "model"]),
        ("time", &["base", "descriptor", "model", "numbers"]),
        ("foreign", &["base", "descriptor", "model", "lex", "numbers", "time"]),
        ("fields", &["base", "model", "lex", "wrappers"]),
        ("macros", &["base", "descriptor", "model", "lex"]),
        ("testing", &["base", "descriptor", "model"]),
    ],
    has_files: true,
    known: &[],
};

const STORE: Area = Area {
    src: "persist-core/src",
    module: "store",
    rooms: &[
        ("base", &[]),
        ("port", &["base"]),
        ("memory", &["base", "port"]),
        ("engine", &["base", "port"]),
        ("api", &["base", "port", "engine"]),
    ],
    has_files: true,
    known: &[],
};

const DERIVE: Area = Area {
    src: "persist-derive/src",
    module: "",
    rooms: &[
        ("parse", &[]),
        ("check", &["parse"]),
        ("expand", &["parse", "check"]),
        ("derive", &["parse", "check", "expand"]),
    ],
    has_files: true,
    known: &[],
};

const SQLITE: Area = Area {
    src: "persist-sqlite/src",
    module: "",
    rooms: &[
        ("base", &[]),
        ("file", &["base"]),
        ("connection", &["base", "file"]),
        ("wal", &["base", "file", "connection"]),
        ("pool", &["base", "file", "connection", "wal"]),
        ("read", &["base", "file", "wal", "pool"]),
        ("write", &["base", "file", "connection", "wal", "pool", "read"]),
        ("closed", &["base", "file", "connection", "wal", "read"]),
    ],
    has_files: true,
    known: &[],
};

#[test]
fn imports_in_the_core_point_one_way() {
    CORE.check();
}

#[test]
fn imports_in_the_encoding_point_one_way() {
    ENCODING.check();
}

#[test]
fn imports_in_the_store_point_one_way() {
    STORE.check();
}

#[test]
fn imports_in_the_derives_point_one_way() {
    DERIVE.check();
}

#[test]
fn imports_in_the_backend_point_one_way() {
    SQLITE.check();
}

/// The names of a module and of those around it, from the crate's root on. The root has none.
type ModulePath = Vec<String>;

/// For each file, by its module, the files that it imports.
type Imports = BTreeMap<ModulePath, BTreeSet<ModulePath>>;

impl Area {
    fn check(&self) {
        let found = self.violations(&imports_of(self.src));
        let mut known: Vec<_> = self.known.to_vec();
        known.sort_unstable();
        assert_eq!(found, known, "in {}, module `{}`", self.src, self.module);
    }

    fn violations(&self, imports: &Imports) -> Vec<String> {
        let mut violations = Vec::new();
        let mut by_room: BTreeMap<&str, Imports> = BTreeMap::new();
        for (file, imported) in imports {
            let Some(room) = self.room_of(file) else { continue };
            for other in imported {
                let Some(other_room) = self.room_of(other) else { continue };
                if room == other_room {
                    let edges = by_room.entry(room).or_default();
                    edges.entry(file.clone()).or_default().insert(other.clone());
                } else if !self.may_import(room, other_room) {
                    violations.push(format!("{} imports {}", self.name(file), self.name(other)));
                }
            }
        }
        for edges in by_room.values().filter(|_| self.has_files) {
            for circle in circles(edges).into_iter().filter(|circle| circle.len() > 2) {
                let files: Vec<_> = circle.iter().map(|file| self.name(file)).collect();
                violations.push(format!("a circle of {}", files.join(", ")));
            }
        }
        violations.sort_unstable();
        violations
    }

    fn may_import(&self, room: &str, other: &str) -> bool {
        let position = |name: &str| self.rooms.iter().position(|(room, _)| *room == name);
        match (position(room), position(other)) {
            (None, _) => true,
            (_, None) => false,
            (Some(from), Some(to)) => to < from && self.rooms[from].1.contains(&other),
        }
    }

    /// The room of a file: empty if it is in none. `None` for a file outside of the area.
    fn room_of(&self, file: &[String]) -> Option<&'static str> {
        let inside = match (self.module, file) {
            ("", inside) => inside,
            (module, [first, inside @ ..]) if first == module => inside,
            _ => return None,
        };
        let names = || self.rooms.iter().map(|(room, _)| *room);
        Some(inside.first().and_then(|first| names().find(|room| room == first)).unwrap_or(""))
    }

    fn name(&self, file: &[String]) -> String {
        let outside = usize::from(!self.module.is_empty());
        file.get(outside..).filter(|inside| !inside.is_empty()).unwrap_or(&["mod".into()]).join("/")
    }
}

/// Reads the files of a crate.
fn imports_of(src: &str) -> Imports {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(src);
    let mut files = BTreeMap::new();
    read_folder(&src, &mut Vec::new(), &mut files);
    let modules: BTreeSet<_> = files.keys().cloned().collect();
    let imports = files.into_iter().map(|(file, tokens)| {
        let mut paths = Vec::new();
        Reader { modules: &modules, paths: &mut paths }.read(tokens, &file);
        let imported = paths.into_iter().map(|path| owner(&modules, &path));
        let others = imported.filter(|other| *other != file).collect();
        (file, others)
    });
    imports.collect()
}

fn read_folder(
    folder: &Path,
    module: &mut ModulePath,
    files: &mut BTreeMap<ModulePath, TokenStream>,
) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            module.push(name);
            read_folder(&path, module, files);
            module.pop();
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let own_name = (name != "lib").then_some(name);
            let file = module.iter().cloned().chain(own_name).collect();
            files.insert(file, text.parse().unwrap());
        }
    }
}

/// The file that owns what a path names: the innermost module of the path that is a file.
fn owner(modules: &BTreeSet<ModulePath>, path: &[String]) -> ModulePath {
    let prefixes = (0..=path.len()).rev().map(|len| &path[..len]);
    prefixes.into_iter().find(|prefix| modules.contains(*prefix)).unwrap_or_default().to_vec()
}

/// Collects the paths of a file, from the crate's root on.
struct Reader<'a> {
    modules: &'a BTreeSet<ModulePath>,
    paths: &'a mut Vec<ModulePath>,
}

impl Reader<'_> {
    fn read(&mut self, tokens: TokenStream, module: &[String]) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        let mut is_test = false;
        while let Some(token) = tokens.get(at) {
            let next = tokens.get(at + 1);
            match (word(token).as_str(), next) {
                ("#", Some(TokenTree::Group(attribute))) => {
                    is_test |= attribute.to_string().replace(' ', "") == "[cfg(test)]";
                    at += 2;
                    continue;
                }
                // The paths of macros begin with `$crate`, and are read where they are expanded.
                ("$", Some(TokenTree::Ident(_))) => at += 2,
                ("pub", Some(TokenTree::Group(group)))
                    if group.delimiter() == Delimiter::Parenthesis =>
                {
                    at += 2;
                }
                ("mod", Some(TokenTree::Ident(name))) => {
                    if let (false, Some(TokenTree::Group(body))) = (is_test, tokens.get(at + 2)) {
                        let inner = [module, &[name.to_string()]].concat();
                        self.read(body.stream(), &inner);
                    }
                    at += 3;
                }
                // As opposed to `use<'a>`, which lists what a type captures.
                ("use", Some(next)) if word(next) != "<" => {
                    let length = tokens[at..].iter().position(|token| word(token) == ";");
                    let end = at + length.unwrap();
                    self.read_use(&tokens[at + 1..end], &[], module);
                    at = end;
                }
                ("crate" | "super" | "self", Some(after)) if word(after) == ":" => {
                    let names = names_from(&tokens[at..]);
                    // Each name but the last is followed by two colons.
                    at += names.len() * 3 - 2;
                    self.paths.extend(resolve(&names, module));
                }
                _ => {
                    if let TokenTree::Group(group) = token {
                        self.read(group.stream(), module);
                    }
                    at += 1;
                }
            }
            is_test = false;
        }
    }

    /// Reads what follows `use`, or a part of it in braces, which continues `before`.
    fn read_use(&mut self, tree: &[TokenTree], before: &[String], module: &[String]) {
        for part in tree.split(|token| word(token) == ",") {
            let names: Vec<String> = part
                .iter()
                .take_while(|token| !matches!(token, TokenTree::Group(_)) && word(token) != "as")
                .map(word)
                .filter(|name| name != ":" && name != "*")
                .collect();
            let path = [before, &names].concat();
            let group = part.iter().find_map(|token| match token {
                TokenTree::Group(group) => Some(group.stream()),
                _ => None,
            });
            match group {
                Some(group) => {
                    let group: Vec<_> = group.into_iter().collect();
                    self.read_use(&group, &path, module);
                }
                None => self.add_used(&path, module),
            }
        }
    }

    fn add_used(&mut self, path: &[String], module: &[String]) {
        // `use a::b::{self}`.
        let path = match path {
            [path @ .., last] if last == "self" && !path.is_empty() => path,
            path => path,
        };
        let Some(first) = path.first() else { return };
        let child = [module, std::slice::from_ref(first)].concat();
        if self.modules.contains(&child) {
            self.paths.push([module, path].concat());
        } else {
            self.paths.extend(resolve(path, module));
        }
    }
}

/// The text of a token; empty for one in brackets.
fn word(token: &TokenTree) -> String {
    match token {
        TokenTree::Group(_) => String::new(),
        token => token.to_string(),
    }
}

/// The names of the path at the beginning of `tokens`.
fn names_from(tokens: &[TokenTree]) -> Vec<String> {
    let is_name = |token: &&TokenTree| matches!(token, TokenTree::Ident(_));
    let rest = iter::successors(tokens.get(1..), |rest| rest.get(3..));
    let more = rest.map_while(|rest| match rest {
        [first, second, name, ..] if word(first) == ":" && word(second) == ":" => {
            Some(name).filter(is_name)
        }
        _ => None,
    });
    tokens.first().into_iter().chain(more).map(word).collect()
}

/// A path from the crate's root on; `None` if it does not begin within the crate.
fn resolve(path: &[String], module: &[String]) -> Option<ModulePath> {
    let mut rest = path;
    let mut resolved = match rest.first()?.as_str() {
        "crate" => Vec::new(),
        "self" | "super" => module.to_vec(),
        _ => return None,
    };
    if rest[0] != "super" {
        rest = &rest[1..];
    }
    while rest.first().is_some_and(|name| name == "super") {
        resolved.pop();
        rest = &rest[1..];
    }
    resolved.extend(rest.iter().cloned());
    Some(resolved)
}

/// The largest sets of files that all import each other, directly or not.
fn circles(edges: &Imports) -> Vec<Vec<ModulePath>> {
    let reached: BTreeMap<_, _> =
        edges.keys().map(|file| (file, reached_from(edges, file))).collect();
    let is_import = |from: &ModulePath, to: &ModulePath| {
        reached.get(from).is_some_and(|reached| reached.contains(to))
    };
    let mut circles: Vec<Vec<ModulePath>> = Vec::new();
    for file in edges.keys() {
        if circles.iter().any(|circle| circle.contains(file)) {
            continue;
        }
        let mutual = |other: &&ModulePath| is_import(file, other) && is_import(other, file);
        circles.push(edges.keys().filter(mutual).cloned().collect());
    }
    circles
}

fn reached_from(edges: &Imports, file: &ModulePath) -> BTreeSet<ModulePath> {
    let mut reached = BTreeSet::new();
    let mut next = vec![file];
    while let Some(file) = next.pop() {
        for other in edges.get(file).into_iter().flatten() {
            if reached.insert(other.clone()) {
                next.push(other);
            }
        }
    }
    reached
}

/// A rule that finds nothing would pass as well: the parts find what they should.
#[test]
fn upward_imports_and_circles_are_found() {
    let area = Area {
        src: "",
        module: "store",
        rooms: &[("low", &[]), ("high", &["low"])],
        has_files: true,
        known: &[],
    };
    let files = [
        ("store", "pub use low::a::A;"),
        ("store::low::a", "use super::b::{self, B}; use crate::store::high::x::X;"),
        ("store::low::b", "fn f() -> crate::store::low::c::C { super::super::Hub }"),
        ("store::low::c", "mod inner { pub(in crate::store::high) use super::super::a; }"),
        ("store::high::x", "use crate::store::low::{a::A, b as other}; $crate::Root;"),
        ("store::high::y", "#[cfg(test)] mod tests { use crate::store::Hub; }"),
    ];
    let path = |module: &str| module.split("::").map(str::to_owned).collect::<ModulePath>();
    let modules: BTreeSet<_> = files.iter().map(|(module, _)| path(module)).collect();
    let imports = files.iter().map(|(module, text)| {
        let mut paths = Vec::new();
        Reader { modules: &modules, paths: &mut paths }.read(text.parse().unwrap(), &path(module));
        (path(module), paths.iter().map(|path| owner(&modules, path)).collect())
    });
    assert_eq!(
        area.violations(&imports.collect()),
        ["a circle of low/a, low/b, low/c", "low/a imports high/x", "low/b imports mod"]
    );
}
