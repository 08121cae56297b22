//! Writes a made-up report in every format, to look at: `cargo run --example sample_report -- FOLDER [CASES]`.

#[path = "../tests/report/fake.rs"]
#[expect(clippy::pedantic, clippy::unwrap_used, reason = "made-up numbers and names, far from every limit")]
mod fake;

use tribunal::report::{Format, Look, Rows, files};

fn main() -> Result<(), tribunal::error::AppError> {
    let mut args = std::env::args().skip(1);
    let folder = args.next().unwrap_or_else(|| "reports".to_owned());
    let cases = args.next().and_then(|n| n.parse().ok()).unwrap_or(60);
    let one = fake::Shape { cases, ..fake::ONE };
    for (name, shape) in [
        ("one", one),
        ("two", fake::Shape { agents: &["concise", "baseline"], ..one }),
        ("cascade", fake::Shape { cascade: true, unpriced: true, ..one }),
        ("down", fake::Shape { down: true, cases: 12, ..one }),
    ] {
        let (report, rows) = fake::run(shape);
        let open = || -> Rows<'_> { Box::new(rows.iter().cloned().map(Ok)) };
        for path in files(&report, &open, &std::path::Path::new(&folder).join(name), &Format::ALL, Look::default())? {
            println!("{}", path.display());
        }
    }
    Ok(())
}
