//! A price file: refused in words, or a price for every model by the longest pattern, with the embedded table behind it.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use tempfile::TempDir;
use tribunal::domain::{Tokens, Usd};
use tribunal::provider::prices::PriceTable;
use tribunal_fuzz::{folder, write};

static DIR: LazyLock<TempDir> = LazyLock::new(folder);
static EMBEDDED: LazyLock<PriceTable> = LazyLock::new(|| PriceTable::embedded().expect("the embedded table"));

fuzz_target!(|data: &[u8]| {
    let path = write(&DIR, "prices.yaml", data);
    let table = match PriceTable::load(Some(&path)) {
        Ok(table) => table,
        Err(e) => {
            assert!(!e.to_string().is_empty() && !e.to_string().contains('\n'), "{e}");
            return;
        }
    };
    let text = String::from_utf8_lossy(data);
    let models = ["gpt-5-mini", "o3", "llama-3.3-70b", "", "a/b", "é"];
    for model in models.into_iter().chain(text.split(['"', ':', ',', '\n']).map(str::trim)) {
        let price = table.price(model);
        assert_eq!(price, table.price(model), "remembered otherwise than found");
        assert!(price.is_some() || EMBEDDED.price(model).is_none(), "the embedded price of {model:?} is gone");
        let Some(price) = price else { continue };
        assert_eq!(price.of(Tokens::default()), Usd(0));
        let (few, many) = (Tokens { input: 1, output: 1 }, Tokens { input: u64::MAX, output: u64::MAX });
        assert!(price.of(few) <= price.of(many));
    }
});
