//! The binary: hands the command line to the library.

// Many small texts by many threads: about a fifth less CPU time than with the system's allocator (benches/compare.sh).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    tribunal::cli::main()
}
