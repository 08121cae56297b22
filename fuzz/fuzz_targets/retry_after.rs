//! `retry-after` and `retry-after-ms`: never more than a day, and plain seconds are what they say. Fields: the one, the other.
#![no_main]

use std::time::Duration;

use http::{HeaderMap, HeaderValue};
use libfuzzer_sys::fuzz_target;
use tribunal::provider::backoff::asked_wait;
use tribunal_fuzz::fields;

const DAY: u64 = 86_400;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let mut f = fields(&text);
    let (wait, ms) = (f.next().unwrap_or_default(), f.next());
    let mut headers = HeaderMap::new();
    if let Ok(value) = HeaderValue::from_str(wait) {
        headers.insert("retry-after", value);
    }
    if let Some(value) = ms.and_then(|ms| HeaderValue::from_str(ms).ok()) {
        headers.insert("retry-after-ms", value);
    }
    let now = 1_800_000_000;
    let asked = asked_wait(&headers, now);
    assert!(asked.is_none_or(|w| w <= Duration::from_secs(DAY)), "{asked:?}");
    assert_eq!(asked, asked_wait(&headers, now));
    let digits = if headers.contains_key("retry-after") { wait.trim_ascii() } else { "" };
    if ms.is_none() && !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
        let want = digits.parse().unwrap_or(u64::MAX).min(DAY);
        assert_eq!(asked, Some(Duration::from_secs(want)));
    }
    if ms.is_none() && digits.starts_with('-') {
        assert!(asked.is_none_or(|w| w.is_zero()), "{asked:?} of {digits:?}");
    }
    for clock in [0, i64::MAX, i64::MIN] {
        assert!(asked_wait(&headers, clock).is_none_or(|w| w <= Duration::from_secs(DAY)));
    }
});
