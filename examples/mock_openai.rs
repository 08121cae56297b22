//! An OpenAI-compatible server that answers, judges and misbehaves on demand: for tests, demonstrations and benchmarks.
//!
//! `cargo run --example mock_openai -- --port 0` prints its base URL on stdout. Same seed and same requests: same replies.

mod mock;

use std::process::ExitCode;

use clap::Parser;

#[derive(Parser)]
#[command(about = "An OpenAI-compatible server that answers, judges and misbehaves on demand")]
struct Args {
    #[command(flatten)]
    flags: mock::Flags,
}

#[tokio::main]
async fn main() -> ExitCode {
    match mock::start(Args::parse().flags).await {
        Ok(server) => {
            println!("{}", server.base_url());
            // Without signals to wait for, it runs until it is killed.
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
            eprintln!("{}", server.stats());
            ExitCode::SUCCESS
        }
        Err(e) => {
            eprintln!("error: {e}");
            ExitCode::FAILURE
        }
    }
}
