//! `tribunal.yaml`: findings at their places, or settings in which every name resolves; and no secret in either. The word
//! `SECRET` in an input stands for a key.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use tribunal::config::check;
use tribunal::source::Source;
use tribunal_fuzz::{findings, refused};

const KEY: &str = "sk-proj-0123456789abcdefghij";

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    // Letters around a key make a word that is no key.
    let text = text.replace("SECRET", &format!(" {KEY} "));
    let shown = Path::new("tribunal.yaml");
    let source = match Source::from_bytes(shown, text.clone().into_bytes()) {
        Ok(source) => source,
        Err(_) => return,
    };
    let text = source.text.clone();
    let same_places = |masked: &str| {
        assert_eq!(masked.len(), text.len(), "hiding moved the text");
        assert_eq!(masked.matches('\n').count(), text.matches('\n').count(), "hiding moved lines");
        assert!(!masked.contains(KEY), "a key is left: {masked:?}");
    };
    match check(source, Path::new("/no such project")) {
        Err(faults) => {
            // What is hidden has the same length: places count alike.
            refused(faults.diagnostics(), Some(&text));
            assert!(!format!("{:?}", faults.diagnostics()).contains(KEY));
            let error = faults.into_error(false);
            assert!(!format!("{error:?} {error}").contains(KEY));
        }
        Ok(loaded) => {
            same_places(&loaded.source.text);
            assert_eq!(loaded.source.text, text, "a text with a secret in it was accepted");
            findings(&loaded.warnings, Some(&text));
            let s = &loaded.settings;
            assert!(!s.judges.is_empty() && !s.sets.is_empty() && !s.panel.judges.is_empty(), "{s:?}");
            assert!(s.panel.judges.iter().all(|j| s.judges.contains_key(j)), "{s:?}");
            assert!(s.default_agents.iter().all(|a| s.agents.contains_key(a)), "{s:?}");
            assert!((0.0..=1.0).contains(&s.review.audit), "{s:?}");
            assert!(s.limits.budget_usd.is_none_or(|b| b.is_finite() && b >= 0.0), "{s:?}");
            assert_eq!(s.judges_named(&[]).expect("the panel").len(), s.panel.judges.len());
        }
    }
});
