//! Why there is nothing for somebody: "6 left: 4 held by others until 14:20, 2 need `legal`".

use std::collections::BTreeMap;

use super::{Bar, Filter, Person, Queue};

/// Items that are not for somebody, for one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Why; of several leases the one that ends first.
    pub bar: Bar,
    /// How many.
    pub items: usize,
}

/// Why there is nothing for somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Empty {
    /// Open items.
    pub left: usize,
    /// Items that the person could take after all.
    pub free: usize,
    /// Reasons, the most frequent first.
    pub because: Vec<Group>,
    /// Open items that the filter leaves out.
    pub outside: usize,
    /// Items that are done.
    pub done: usize,
}

impl Queue {
    /// Why there is nothing for a person.
    #[must_use]
    pub fn why_empty(&self, person: &Person, filter: &Filter) -> Empty {
        let open = || self.items.iter().filter(|i| i.state.is_open());
        let mut groups: BTreeMap<Bar, Group> = BTreeMap::new();
        let (mut left, mut free) = (0, 0);
        for i in open().filter(|i| filter.lets(i)) {
            left += 1;
            let Err(bar) = self.may(person, i) else {
                free += 1;
                continue;
            };
            let key = if matches!(bar, Bar::Held(_)) { Bar::Held(0) } else { bar.clone() };
            let group = groups.entry(key).or_insert(Group { bar: bar.clone(), items: 0 });
            group.items += 1;
            if let (Bar::Held(first), Bar::Held(this)) = (&mut group.bar, &bar) {
                *first = (*first).min(*this);
            }
        }
        let mut because: Vec<Group> = groups.into_values().collect();
        because.sort_by(|a, b| b.items.cmp(&a.items).then(a.bar.cmp(&b.bar)));
        let done = self.items.iter().filter(|i| i.state.is_done()).count();
        Empty { left, free, because, outside: open().count() - left, done }
    }
}

impl Bar {
    /// In words after a count: "held by others until 14:20".
    #[must_use]
    pub fn words(&self, items: usize, clock: &dyn Fn(i64) -> String) -> String {
        let one = items == 1;
        let (need, wait) = if one { ("needs", "waits") } else { ("need", "wait") };
        match self {
            Self::Viewer => "for graders: you may only read".to_owned(),
            Self::Yours => format!("{wait} for another grader after you"),
            Self::Skipped => "passed on by you".to_owned(),
            Self::Skill(s) => format!("{need} `{s}`"),
            Self::Lang(l) => format!("{need} the language `{l}`"),
            Self::Sensitive => "tagged sensitive, which you asked to be spared".to_owned(),
            Self::Owner => format!("passed on by so many that {} {need} an owner", if one { "it" } else { "they" }),
            Self::Adjudicator => format!("{wait} for an adjudicator"),
            Self::Assigned(to) => format!("given to {to}"),
            Self::Interest => format!("{need} somebody else first, since you wrote the expected answer or the change"),
            Self::Held(until) => format!("held by others until {}", clock(*until)),
        }
    }
}

impl Empty {
    /// In words, without a full stop. `clock` writes a time of day.
    #[must_use]
    pub fn text(&self, clock: &dyn Fn(i64) -> String) -> String {
        let reasons: Vec<String> = self.because.iter().map(|g| format!("{} {}", g.items, g.bar.words(g.items, clock))).collect();
        let outside = match self.outside {
            0 => String::new(),
            n => format!("; {n} more outside the filter"),
        };
        match (self.left, self.done) {
            (0, 0) => format!("nothing wants a person{outside}"),
            (0, 1) => format!("nothing is left: the one item is done{outside}"),
            (0, n) => format!("nothing is left: all {n} are done{outside}"),
            (left, _) if self.free > 0 => format!("{left} left, {} for you{outside}", self.free),
            (left, _) => format!("{left} left: {}{outside}", reasons.join(", ")),
        }
    }
}
