//! People, invites and logins, in SQL.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::write::{Op, Written};
use super::{SqliteStore, failure, unexpected};
use crate::domain::{Digest, GraderName};
use crate::store::Stored;
use crate::store::accounts::{Account, Accounts};

/// A change of accounts.
pub enum AccountOp {
    Put(Account),
    Drop(GraderName),
    Invite { token: Digest, name: GraderName, until_ms: i64 },
    Take { token: Digest, now_ms: i64 },
    Login { token: Digest, name: GraderName, until_ms: i64 },
    Leave(Digest),
}

fn account(r: &Row<'_>) -> rusqlite::Result<Account> {
    let name: String = r.get(0)?;
    let name =
        GraderName::new(&name).map_err(|e| rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(e)))?;
    Ok(Account { name, role: r.get(1)? })
}

pub fn apply(c: &Connection, op: &AccountOp) -> rusqlite::Result<Written> {
    match op {
        AccountOp::Put(a) => {
            c.prepare_cached("insert into users (name, role) values (?1, ?2) on conflict (name) do update set role = excluded.role")?
                .execute([a.name.as_str(), &a.role])?;
            Ok(Written::Done)
        }
        AccountOp::Drop(name) => {
            c.prepare_cached("delete from invites where name = ?1")?.execute([name.as_str()])?;
            c.prepare_cached("delete from logins where name = ?1")?.execute([name.as_str()])?;
            let n = c.prepare_cached("delete from users where name = ?1")?.execute([name.as_str()])?;
            Ok(Written::Changed(n > 0))
        }
        AccountOp::Invite { token, name, until_ms } => {
            c.prepare_cached("delete from invites where name = ?1")?.execute([name.as_str()])?;
            c.prepare_cached("insert into invites (token, name, until_ms) values (?1, ?2, ?3)")?.execute(params![
                token.to_string(),
                name.as_str(),
                until_ms
            ])?;
            Ok(Written::Done)
        }
        AccountOp::Take { token, now_ms } => {
            let found = c
                .prepare_cached(
                    "select u.name, u.role from invites i join users u on u.name = i.name where i.token = ?1 and i.until_ms > ?2",
                )?
                .query_row(params![token.to_string(), now_ms], account)
                .optional()?;
            c.prepare_cached("delete from invites where token = ?1")?.execute([token.to_string()])?;
            Ok(Written::Account(found))
        }
        AccountOp::Login { token, name, until_ms } => {
            c.prepare_cached("insert into logins (token, name, until_ms) values (?1, ?2, ?3)")?.execute(params![
                token.to_string(),
                name.as_str(),
                until_ms
            ])?;
            Ok(Written::Done)
        }
        AccountOp::Leave(token) => {
            let n = c.prepare_cached("delete from logins where token = ?1")?.execute([token.to_string()])?;
            Ok(Written::Changed(n > 0))
        }
    }
}

impl Accounts for SqliteStore {
    fn put_account(&self, account: Account) -> Stored<'_, ()> {
        self.write(Ok(Op::Account(AccountOp::Put(account))))
    }

    fn drop_account<'a>(&'a self, name: &'a GraderName) -> Stored<'a, bool> {
        self.change(Op::Account(AccountOp::Drop(name.clone())))
    }

    fn accounts(&self) -> Stored<'_, Vec<Account>> {
        self.read("list the users", |c| {
            c.prepare_cached("select name, role from users order by name")
                .and_then(|mut q| q.query_map([], account)?.collect())
                .map_err(|e| failure("list the users", e))
        })
    }

    fn put_invite<'a>(&'a self, token: &'a Digest, name: &'a GraderName, until_ms: i64) -> Stored<'a, ()> {
        self.write(Ok(Op::Account(AccountOp::Invite { token: *token, name: name.clone(), until_ms })))
    }

    fn take_invite<'a>(&'a self, token: &'a Digest, now_ms: i64) -> Stored<'a, Option<Account>> {
        let done = self.writer.send(Ok(Op::Account(AccountOp::Take { token: *token, now_ms })));
        Box::pin(async move {
            match done.await? {
                Written::Account(found) => Ok(found),
                _ => Err(unexpected()),
            }
        })
    }

    fn put_login<'a>(&'a self, token: &'a Digest, name: &'a GraderName, until_ms: i64) -> Stored<'a, ()> {
        self.write(Ok(Op::Account(AccountOp::Login { token: *token, name: name.clone(), until_ms })))
    }

    fn login<'a>(&'a self, token: &'a Digest, now_ms: i64) -> Stored<'a, Option<Account>> {
        let token = token.to_string();
        self.read("look up a login", move |c| {
            c.prepare_cached("select u.name, u.role from logins l join users u on u.name = l.name where l.token = ?1 and l.until_ms > ?2")
                .and_then(|mut q| q.query_row(params![token, now_ms], account).optional())
                .map_err(|e| failure("look up a login", e))
        })
    }

    fn drop_login<'a>(&'a self, token: &'a Digest) -> Stored<'a, bool> {
        self.change(Op::Account(AccountOp::Leave(*token)))
    }
}
