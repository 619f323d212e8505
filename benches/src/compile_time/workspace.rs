use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The directory of this crate when it was built, from which persist-core is found.
const HERE: &str = env!("CARGO_MANIFEST_DIR");

#[derive(Clone, Copy)]
pub(super) enum Crate {
    None,
    Persist,
    Storekey,
    Borsh,
}

impl Crate {
    /// The crate without derives comes first.
    pub(super) const ALL: [Self; 4] = [Self::None, Self::Persist, Self::Storekey, Self::Borsh];

    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Persist => "persist: KeyEncode, KeyDecode",
            Self::Storekey => "storekey: Encode, Decode",
            Self::Borsh => "borsh: BorshSerialize, BorshDeserialize",
        }
    }

    /// Returns the number of derives on each struct.
    pub(super) const fn derives(self) -> usize {
        match self {
            Self::None => 0,
            Self::Persist | Self::Storekey | Self::Borsh => 2,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::None => "derives-none",
            Self::Persist => "derives-persist",
            Self::Storekey => "derives-storekey",
            Self::Borsh => "derives-borsh",
        }
    }

    fn dependency(self) -> String {
        match self {
            Self::None => String::new(),
            Self::Persist => format!(
                "persist-core = {{ path = '{HERE}/../persist-core', default-features = false, features = [\"std\", \"derive\"] }}"
            ),
            Self::Storekey => "storekey = \"0.11\"".into(),
            Self::Borsh => "borsh = { version = \"1\", features = [\"derive\"] }".into(),
        }
    }

    const fn attribute(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Persist => "#[derive(persist_core::KeyEncode, persist_core::KeyDecode)]\n",
            Self::Storekey => "#[derive(storekey::Encode, storekey::Decode)]\n",
            Self::Borsh => "#[derive(borsh::BorshSerialize, borsh::BorshDeserialize)]\n",
        }
    }
}

/// The generated crates, in a temporary directory that is removed with this value.
pub(super) struct Workspace {
    root: PathBuf,
}

impl Workspace {
    pub(super) fn generate(structs: usize) -> Result<Self, String> {
        let root = std::env::temp_dir().join(format!("persist-bench-{}", std::process::id()));
        let workspace = Self { root };
        let members = Crate::ALL.map(|of| format!("{:?}", of.name())).join(", ");
        workspace.write(
            "Cargo.toml",
            &format!("[workspace]\nresolver = \"3\"\nmembers = [{members}]\n"),
        )?;
        // The versions of this crate's lock file, so that cargo needs no registry.
        let lock = fs::read_to_string(Path::new(HERE).join("Cargo.lock"));
        workspace.write("Cargo.lock", &lock.map_err(|error| error.to_string())?)?;
        for of in Crate::ALL {
            let (name, dependency) = (of.name(), of.dependency());
            workspace.write(
                &format!("{name}/Cargo.toml"),
                &format!(
                    "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n{dependency}\n"
                ),
            )?;
            workspace.write(&format!("{name}/src/lib.rs"), &source(of, structs))?;
        }
        Ok(workspace)
    }

    /// Runs cargo on one crate. All crates share a target directory.
    pub(super) fn cargo(&self, command: &str, of: Crate) -> Result<(), String> {
        let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args([command, "--quiet", "--package", of.name()])
            .current_dir(&self.root)
            .env("CARGO_TARGET_DIR", self.root.join("target"))
            .stdin(Stdio::null())
            .output()
            .map_err(|error| format!("cargo did not start: {error}"))?;
        if output.status.success() {
            return Ok(());
        }
        let output = String::from_utf8_lossy(&output.stderr);
        Err(format!("cargo {command} of {} failed:\n{output}", of.name()))
    }

    /// Makes a crate's source newer than its build.
    pub(super) fn touch(&self, of: Crate) -> Result<(), String> {
        let path = self.root.join(of.name()).join("src/lib.rs");
        let source = fs::read(&path).map_err(|error| error.to_string())?;
        fs::write(&path, source).map_err(|error| error.to_string())
    }

    fn write(&self, path: &str, text: &str) -> Result<(), String> {
        let path = self.root.join(path);
        let written = path.parent().map_or(Ok(()), fs::create_dir_all);
        written.and_then(|()| fs::write(&path, text)).map_err(|error| error.to_string())
    }
}

impl Drop for Workspace {
    fn drop(&mut self) {
        // The system clears the rest, if any, from its temporary directory.
        let _ = fs::remove_dir_all(&self.root);
    }
}

fn source(of: Crate, structs: usize) -> String {
    let types = ["String", "u64", "i64", "bool", "Vec<u8>"];
    let mut source = String::new();
    for index in 0..structs {
        let _ = writeln!(source, "{}pub struct Row{index} {{", of.attribute());
        for field in 0..5 {
            // Another order in each struct, so that no two structs are alike.
            let ty = types[(index + field * (1 + index % 4)) % types.len()];
            let _ = writeln!(source, "    pub field_{field}: {ty},");
        }
        source.push_str("}\n");
    }
    source
}
