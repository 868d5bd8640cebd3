//! Makes Rust of the service's description. `protox` stands for the program `protoc`, which need not be installed.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=../test.proto");
    let files = protox::compile(["../test.proto"], [".."])?;
    tonic_prost_build::configure().build_client(false).compile_fds(files)?;
    Ok(())
}
