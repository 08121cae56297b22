//! Who may sign in to the review server: people, single-use invites, logins. Tokens are kept as digests only.
//!
//! Invariant: an invite is taken once, in one transaction; taking somebody out ends their logins and invites.

use super::Stored;
use crate::domain::{Digest, GraderName};

/// Somebody who may sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The name.
    pub name: GraderName,
    /// What the person may do, in one word (`review::queue::Role`).
    pub role: String,
}

/// The people of a review server.
pub trait Accounts: Send + Sync {
    /// Adds somebody, or changes their role.
    fn put_account(&self, account: Account) -> Stored<'_, ()>;
    /// Takes somebody out, with their invites and logins. False if there was nobody.
    fn drop_account<'a>(&'a self, name: &'a GraderName) -> Stored<'a, bool>;
    /// Everybody, by name.
    fn accounts(&self) -> Stored<'_, Vec<Account>>;
    /// Keeps an invite for somebody until a time (Unix milliseconds); an earlier one of theirs is void. `token` is the digest of it.
    fn put_invite<'a>(&'a self, token: &'a Digest, name: &'a GraderName, until_ms: i64) -> Stored<'a, ()>;
    /// Spends an invite. Absent for one that is unknown, spent or too old.
    fn take_invite<'a>(&'a self, token: &'a Digest, now_ms: i64) -> Stored<'a, Option<Account>>;
    /// Keeps a login until a time.
    fn put_login<'a>(&'a self, token: &'a Digest, name: &'a GraderName, until_ms: i64) -> Stored<'a, ()>;
    /// Whose login it is; absent for one that is unknown or too old.
    fn login<'a>(&'a self, token: &'a Digest, now_ms: i64) -> Stored<'a, Option<Account>>;
    /// Ends a login. False if there was none.
    fn drop_login<'a>(&'a self, token: &'a Digest) -> Stored<'a, bool>;
}
