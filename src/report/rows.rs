//! Where rows come from: streams of trials in the order of the plan, opened as often as a renderer needs.
//! Invariant: no more than one page of rows is held at a time.

use crate::domain::TrialRow;
use crate::error::AppError;

/// A stream of trials in the order of the plan.
pub type Rows<'a> = Box<dyn Iterator<Item = Result<TrialRow, AppError>> + 'a>;

/// Opens the stream from its start. The HTML page reads it twice: once to choose, once to write.
pub type OpenRows<'a> = dyn Fn() -> Rows<'a> + 'a;

/// How many rows a page holds.
pub const PAGE: u32 = 500;

/// Rows by pages: `fetch(after, limit)` gives up to `limit` trials after position `after`, as `Store::page` does.
/// Ends at the first short page, and after the first error.
pub fn paged<'a, F>(fetch: F) -> Rows<'a>
where
    F: FnMut(Option<u64>, u32) -> Result<Vec<TrialRow>, AppError> + 'a,
{
    Box::new(Paged { fetch, page: Vec::new().into_iter(), after: None, last: false })
}

struct Paged<F> {
    fetch: F,
    page: std::vec::IntoIter<TrialRow>,
    after: Option<u64>,
    last: bool,
}

impl<F> Iterator for Paged<F>
where
    F: FnMut(Option<u64>, u32) -> Result<Vec<TrialRow>, AppError>,
{
    type Item = Result<TrialRow, AppError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(row) = self.page.next() {
            return Some(Ok(row));
        }
        if self.last {
            return None;
        }
        match (self.fetch)(self.after, PAGE) {
            Ok(rows) => {
                self.last = rows.len() < PAGE as usize;
                self.after = rows.last().map(|r| r.key.seq).or(self.after);
                self.page = rows.into_iter();
                self.page.next().map(Ok)
            }
            Err(e) => {
                self.last = true;
                Some(Err(e))
            }
        }
    }
}
