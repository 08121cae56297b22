//! An exported run: refused unless whole, and what is read is what was written. Raw, and with a right last line put behind
//! the fuzzer's lines, since no fuzzer finds a digest. What is read goes through the numbers, which must stay numbers.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tribunal::domain::run::RunHead;
use tribunal::domain::{Digest, TrialRow};
use tribunal::stats::accumulate::SummaryBuilder;
use tribunal::store::bundle::read;

fn rows_of(text: &[u8]) -> Result<(RunHead, Vec<TrialRow>), tribunal::error::AppError> {
    let mut rows = Vec::new();
    let head = read("fuzz.jsonl", text, |row| {
        rows.push(row);
        Ok(())
    })?;
    Ok((head, rows))
}

fn sealed(lines: &str, rows: usize) -> String {
    let digest = Digest::of_bytes(lines.as_bytes());
    format!("{lines}{{\"rows\":{rows},\"digest\":\"{digest}\"}}\n")
}

fuzz_target!(|data: &[u8]| {
    if let Ok((head, rows)) = rows_of(data) {
        assert!(data.windows(10).any(|w| w == b"\"digest\":\"") || !rows.is_empty() || head.planned == 0);
    }
    let Ok(text) = std::str::from_utf8(data) else { return };
    let lines: String = text.lines().flat_map(|l| [l, "\n"]).collect();
    let count = text.lines().count();
    let Ok((head, rows)) = rows_of(sealed(&lines, count.saturating_sub(1)).as_bytes()) else { return };
    assert_eq!(rows.len() + 1, count);
    assert!(rows_of(sealed(&lines, count).as_bytes()).is_err(), "a row too few was accepted");
    assert!(rows_of(lines.as_bytes()).is_err(), "a bundle without its last line was accepted");
    // Cut after any line, it is refused.
    let whole = sealed(&lines, count - 1);
    for (cut, _) in whole.match_indices('\n').take(count) {
        assert!(rows_of(&whole.as_bytes()[..=cut]).is_err(), "a cut bundle was accepted");
    }
    // Written again, it is the same run.
    let mut again = format!("{}\n", serde_json::json!({"tribunal_run": 1, "head": head}));
    for row in &rows {
        again += &serde_json::to_string(row).expect("a row is written as JSON");
        again.push('\n');
    }
    let (head2, rows2) = rows_of(sealed(&again, rows.len()).as_bytes()).expect("what was written is read");
    assert_eq!((&head, &rows), (&head2, &rows2));

    let mut numbers = SummaryBuilder::new(&head);
    rows.iter().for_each(|r| numbers.add(r));
    let summary = format!("{:?}", numbers.finish());
    assert!(!summary.contains("NaN") && !summary.contains(" inf") && !summary.contains("-inf"), "{summary}");
});
