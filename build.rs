//! Compiles the contract in `proto/` with protox, so that cargo alone builds the project, and packs the large texts that
//! are built into the binary, which are a tenth of it otherwise.

use std::path::PathBuf;

use prost::Message;

/// Texts that the program unpacks when it starts.
const PACKED: [&str; 5] = [
    "models/default/features.txt",
    "data/parties/blocs.toml",
    "data/parties/countries.toml",
    "data/parties/officials-americas-europe.toml",
    "data/parties/officials-asia-africa.toml",
];
/// The level of zstd: higher ones gain a tenth and take many times as long.
const LEVEL: i32 = 9;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=proto");
    let files = ["stance_service.proto", "model_service.proto"].map(|file| format!("demarche/v1/{file}"));
    let descriptors = protox::compile(&files, ["proto"])?;
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    let encoded = descriptors.encode_to_vec();
    std::fs::write(out.join("demarche_descriptor.bin"), &encoded)?;
    tonic_prost_build::configure().compile_fds(descriptors)?;
    pbjson_build::Builder::new().register_descriptors(&encoded)?.build(&[".demarche.v1"])?;
    for file in PACKED {
        println!("cargo:rerun-if-changed={file}");
        let name = file.rsplit('/').next().unwrap_or(file);
        std::fs::write(out.join(format!("{name}.zst")), zstd::encode_all(&*std::fs::read(file)?, LEVEL)?)?;
    }
    Ok(())
}
