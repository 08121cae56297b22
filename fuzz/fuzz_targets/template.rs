//! A judge prompt of the user's own: checked in bounded time and memory, refused in words at a line of the template.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tribunal::judge::prompt::validate_template;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let checked = validate_template(text);
    assert_eq!(checked, validate_template(text));
    match checked {
        Ok(()) => assert!(text.contains("answer") || text.contains("debug"), "{text:?} shows an answer"),
        Err(fault) => {
            assert!(!fault.message.trim().is_empty());
            // The last line may be the empty one behind the last line feed.
            assert!(fault.line.is_none_or(|l| l >= 1 && l <= text.split('\n').count()), "{fault:?} of {text:?}");
        }
    }
});
