//! Who is signed in: one-time links, invites and logins.
//!
//! Invariant: a token is 256 random bits; it is compared and kept only by its digest; a link or an invite works once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::domain::log::{Known, Via};
use crate::domain::{Digest, DigestBuilder, GraderName};
use crate::error::AppError;
use crate::review::desk::Who;
use crate::review::queue::{Person, Role};
use crate::store::Store;
use crate::store::accounts::Account;

use super::sitting::Sitting;

/// How long a login of the one local person lasts without a restart: half a day.
const LOCAL_MS: i64 = 12 * 3600 * 1000;
/// How long a login in a team lasts: two weeks.
const TEAM_MS: i64 = 14 * 24 * 3600 * 1000;
/// Sittings in memory; a login beyond them is read from the store again.
const MOST: usize = 1000;

/// A new token.
#[must_use]
pub fn fresh_token() -> String {
    Digest::of_bytes(&rand::random::<[u8; 32]>()).to_string()
}

/// What is kept of a token.
#[must_use]
pub fn token_digest(token: &str) -> Digest {
    DigestBuilder::new("token/1").text("token", token).finish()
}

fn csrf_of(token: &str) -> String {
    DigestBuilder::new("csrf/1").text("token", token).finish().to_string()
}

/// Who may come in.
pub(super) enum Guests {
    /// One person, by a link that is printed once.
    Local { who: Who, link: Mutex<Option<Digest>> },
    /// The people of the store, by invites.
    Team,
}

/// Who is signed in.
pub(super) struct Keyring {
    store: Arc<dyn Store>,
    guests: Guests,
    people: Vec<Person>,
    here: Mutex<HashMap<Digest, Arc<Sitting>>>,
}

impl Keyring {
    pub(super) fn new(store: Arc<dyn Store>, guests: Guests, people: Vec<Person>) -> Self {
        Self { store, guests, people, here: Mutex::new(HashMap::new()) }
    }

    fn here(&self) -> std::sync::MutexGuard<'_, HashMap<Digest, Arc<Sitting>>> {
        self.here.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Spends the printed link; gives the token of a new login.
    pub(super) fn enter(&self, token: &str, now_ms: i64) -> Option<String> {
        let Guests::Local { who, link } = &self.guests else { return None };
        let mut link = link.lock().unwrap_or_else(PoisonError::into_inner);
        if link.is_none_or(|d| d != token_digest(token)) {
            return None;
        }
        *link = None;
        let login = fresh_token();
        self.sit(&login, who.clone(), now_ms.saturating_add(LOCAL_MS), now_ms);
        Some(login)
    }

    /// Spends an invite; gives the token of a new login.
    pub(super) async fn accept(&self, token: &str, now_ms: i64) -> Result<Option<String>, AppError> {
        let Some(account) = self.store.take_invite(&token_digest(token), now_ms).await? else { return Ok(None) };
        let login = fresh_token();
        let until_ms = now_ms.saturating_add(TEAM_MS);
        self.store.put_login(&token_digest(&login), &account.name, until_ms).await?;
        Ok(Some(login))
    }

    fn sit(&self, login: &str, who: Who, until_ms: i64, now_ms: i64) -> Arc<Sitting> {
        let mut here = self.here();
        if here.len() >= MOST {
            here.retain(|_, s| s.until_ms > now_ms);
        }
        if here.len() >= MOST {
            here.clear();
        }
        let sitting = Arc::new(Sitting::new(who, csrf_of(login), until_ms));
        Arc::clone(here.entry(token_digest(login)).or_insert(sitting))
    }

    /// Whose login a token is.
    pub(super) async fn who(&self, login: &str, now_ms: i64) -> Result<Option<Arc<Sitting>>, AppError> {
        let digest = token_digest(login);
        let sits = self.here().get(&digest).filter(|s| s.until_ms > now_ms).cloned();
        if matches!(self.guests, Guests::Local { .. }) {
            return Ok(sits);
        }
        // Asked every time: whoever is taken out is out at once, and a new role holds at once.
        let Some(account) = self.store.login(&digest, now_ms).await? else {
            self.here().remove(&digest);
            return Ok(None);
        };
        let who = self.known(&account);
        Ok(match sits {
            Some(s) if s.who.person.role == who.person.role => Some(s),
            _ => {
                self.here().remove(&digest);
                Some(self.sit(login, who, now_ms.saturating_add(TEAM_MS), now_ms))
            }
        })
    }

    fn known(&self, account: &Account) -> Who {
        let role = Role::of(&account.role).unwrap_or(Role::Viewer);
        let profile = self.people.iter().find(|p| p.name == account.name).cloned();
        let person = Person { role, ..profile.unwrap_or_else(|| Person::new(account.name.clone(), role)) };
        Who { person, known: Known::SignedIn, via: Via::Web }
    }

    /// Ends a login.
    pub(super) async fn leave(&self, login: &str) -> Result<(), AppError> {
        let digest = token_digest(login);
        self.here().remove(&digest);
        self.store.drop_login(&digest).await?;
        Ok(())
    }
}

/// Lets somebody in once: adds them to the store and gives the token of their invite, which lasts a week.
///
/// # Errors
/// When the store fails.
pub async fn invite(store: &dyn Store, name: GraderName, role: Role, now_ms: i64) -> Result<String, AppError> {
    const WEEK_MS: i64 = 7 * 24 * 3600 * 1000;
    let token = fresh_token();
    store.put_account(Account { name: name.clone(), role: role.word().to_owned() }).await?;
    store.put_invite(&token_digest(&token), &name, now_ms.saturating_add(WEEK_MS)).await?;
    Ok(token)
}
