//! What a chat server sends: a completion or a fault, and never more tokens or choices than the bytes hold.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tribunal::provider::reply::read;

fuzz_target!(|data: &[u8]| {
    let all = String::from_utf8_lossy(data);
    match read(data) {
        Ok(read) => {
            assert!(read.chat.text.len() <= data.len());
            assert!(read.chat.finish.as_deref() != Some("") && read.chat.refusal.as_deref() != Some(""));
            assert!(read.chat.tokens.len() <= data.len());
            if let Some(tokens) = read.tokens {
                assert!(all.contains("_tokens") || all.contains("\\u"), "{tokens:?} out of {all}");
            }
        }
        Err(fault) => {
            let said = format!("{fault:?}");
            assert!(said.len() < 4096, "a fault as long as the reply");
        }
    }
});
