//! The cache's file: SQLite, one writer thread that commits in groups, reads on a connection of their own.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use bytes::Bytes;
use rusqlite::{Connection, OptionalExtension, Row, params};
use tokio::sync::{mpsc, oneshot};

use super::{CacheFault, CacheStats, Explanation, Kept, Parts};
use crate::domain::Digest;

const VERSION: i64 = 1;

const SCHEMA: &str = "
create table if not exists replies (
  key blob primary key,
  kept_ms integer not null,
  base_url text not null,
  model text not null,
  salt text not null,
  messages blob not null,
  parameters blob not null,
  latency_ms integer not null,
  reply blob not null
) strict;
pragma user_version = 1;
";

/// How long the writer collects before it commits.
const GROUP: Duration = Duration::from_millis(10);

enum Order {
    Put(Box<(Parts, Kept, i64)>),
    Flush(oneshot::Sender<()>),
}

/// The replies kept in one file. Several processes may share the file.
#[derive(Debug)]
pub struct Cache {
    path: PathBuf,
    reader: Mutex<Connection>,
    orders: Option<mpsc::Sender<Order>>,
    writer: Option<JoinHandle<()>>,
    fault: Arc<Mutex<Option<String>>>,
}

impl Cache {
    /// Opens or creates a cache.
    ///
    /// # Errors
    /// When the file cannot be opened, is no cache, or has another version.
    pub fn open(path: &Path) -> Result<Self, CacheFault> {
        if let Some(folder) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(CacheFault::io(path))?;
        }
        let writing = connect(path).map_err(CacheFault::sqlite(path))?;
        let found: i64 = writing.query_row("pragma user_version", [], |r| r.get(0)).map_err(CacheFault::sqlite(path))?;
        if found != 0 && found != VERSION {
            return Err(CacheFault::Version { path: path.display().to_string(), found, known: VERSION });
        }
        writing.execute_batch(SCHEMA).map_err(CacheFault::sqlite(path))?;
        let reader = connect(path).map_err(CacheFault::sqlite(path))?;
        let (orders, inbox) = mpsc::channel(1024);
        let fault = Arc::new(Mutex::new(None));
        let noted = Arc::clone(&fault);
        let writer = std::thread::Builder::new()
            .name("response-cache".into())
            .spawn(move || write(writing, inbox, &noted))
            .map_err(CacheFault::io(path))?;
        Ok(Self { path: path.to_owned(), reader: Mutex::new(reader), orders: Some(orders), writer: Some(writer), fault })
    }

    /// The kept reply of a call. A fault of the file is a miss; [`Self::fault`] tells.
    pub fn get(&self, key: &Digest) -> Option<Kept> {
        let reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        let found = reader.prepare_cached("select reply, latency_ms from replies where key = ?1").and_then(|mut s| {
            s.query_row([key.bytes().as_slice()], |r| {
                Ok(Kept { reply: Bytes::from(r.get::<_, Vec<u8>>(0)?), latency_ms: r.get::<_, i64>(1)?.unsigned_abs() })
            })
            .optional()
        });
        found.unwrap_or_else(|e| {
            note(&self.fault, &e);
            None
        })
    }

    /// Keeps a reply; it replaces an older one. Returns before it is on disk: a lost entry costs a call, no result.
    pub async fn put(&self, parts: Parts, kept: Kept, now_ms: i64) {
        if let Some(orders) = &self.orders {
            // A closed channel means that the writer has ended with a fault, which is noted.
            _ = orders.send(Order::Put(Box::new((parts, kept, now_ms)))).await;
        }
    }

    /// Waits until everything put before is on disk.
    pub async fn flush(&self) {
        let (done, wait) = oneshot::channel();
        if let Some(orders) = &self.orders
            && orders.send(Order::Flush(done)).await.is_ok()
        {
            _ = wait.await;
        }
    }

    /// The first fault of the file since it was opened, if there was one: the run went on without the cache.
    pub fn fault(&self) -> Option<String> {
        self.fault.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What is in the cache.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn stats(&self) -> Result<CacheStats, CacheFault> {
        let count = |r: &Row<'_>, i| r.get::<_, i64>(i).map(i64::unsigned_abs);
        let reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        let all = "select count(*), coalesce(sum(length(reply)), 0), min(kept_ms), max(kept_ms) from replies";
        let mut stats = reader
            .query_row(all, [], |r| {
                let (entries, bytes) = (count(r, 0)?, count(r, 1)?);
                Ok(CacheStats { entries, bytes, oldest_ms: r.get(2)?, newest_ms: r.get(3)?, ..CacheStats::default() })
            })
            .map_err(CacheFault::sqlite(&self.path))?;
        stats.models = reader
            .prepare("select model, count(*) as n from replies group by model order by n desc, model")
            .and_then(|mut s| s.query_map([], |r| Ok((r.get(0)?, count(r, 1)?)))?.collect())
            .map_err(CacheFault::sqlite(&self.path))?;
        stats.file_bytes = std::fs::metadata(&self.path).map_err(CacheFault::io(&self.path))?.len();
        Ok(stats)
    }

    /// Tells whether a call would be answered from the cache; if not, which entry comes closest and in what it differs.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn explain(&self, parts: &Parts) -> Result<Explanation, CacheFault> {
        let sql = "select key, base_url, model, salt, messages, parameters, kept_ms from replies
            order by key = ?1 desc, (messages = ?2) * 4 + (salt = ?3) * 2 + (model = ?4) + (base_url = ?5) + (parameters = ?6) desc,
              kept_ms desc, key limit 1";
        let reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        let nearest = reader
            .query_row(
                sql,
                params![
                    parts.key.bytes().as_slice(),
                    parts.messages.bytes().as_slice(),
                    parts.salt,
                    parts.model,
                    parts.base_url,
                    parts.parameters.bytes().as_slice()
                ],
                |r| Ok((entry(r)?, r.get::<_, i64>(6)?)),
            )
            .optional()
            .map_err(CacheFault::sqlite(&self.path))?;
        Ok(match nearest {
            None => Explanation::Empty,
            Some((entry, kept_ms)) if entry.key == parts.key => Explanation::Hit { kept_ms },
            Some((entry, kept_ms)) => Explanation::Miss { differs: parts.differences(&entry), nearest: Box::new(entry), kept_ms },
        })
    }

    /// Removes what was kept before a time (Unix time in milliseconds), or everything; how many entries that were.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn prune(&self, before_ms: Option<i64>) -> Result<u64, CacheFault> {
        let reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        let before = before_ms.unwrap_or(i64::MAX);
        let removed = reader
            .execute("delete from replies where kept_ms < ?1", [before])
            .and_then(|n| reader.execute_batch("vacuum; pragma wal_checkpoint(truncate)").map(|()| n))
            .map_err(CacheFault::sqlite(&self.path))?;
        Ok(removed as u64)
    }
}

impl Drop for Cache {
    fn drop(&mut self) {
        self.orders = None;
        if let Some(writer) = self.writer.take() {
            _ = writer.join();
        }
    }
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let c = Connection::open(path)?;
    c.busy_timeout(Duration::from_secs(10))?;
    // NORMAL: a power cut may lose the last entries, which is fine for a cache.
    c.execute_batch("pragma journal_mode = wal; pragma synchronous = normal; pragma cache_size = -2048;")?;
    Ok(c)
}

fn entry(r: &Row<'_>) -> rusqlite::Result<Parts> {
    let digest = |i| r.get::<_, [u8; 32]>(i).map(|b| Digest::from(blake3::Hash::from(b)));
    Ok(Parts { key: digest(0)?, base_url: r.get(1)?, model: r.get(2)?, salt: r.get(3)?, messages: digest(4)?, parameters: digest(5)? })
}

fn note(fault: &Mutex<Option<String>>, e: &rusqlite::Error) {
    fault.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(|| e.to_string());
}

fn write(mut file: Connection, mut inbox: mpsc::Receiver<Order>, fault: &Mutex<Option<String>>) {
    while let Some(first) = inbox.blocking_recv() {
        let mut group = vec![first];
        if !matches!(group[0], Order::Flush(_)) {
            std::thread::sleep(GROUP);
        }
        while let Ok(order) = inbox.try_recv() {
            group.push(order);
        }
        if let Err(e) = commit(&mut file, &group) {
            note(fault, &e);
        }
        for order in group {
            if let Order::Flush(done) = order {
                // Whoever asked may have gone.
                _ = done.send(());
            }
        }
    }
}

fn commit(file: &mut Connection, group: &[Order]) -> rusqlite::Result<()> {
    let tx = file.transaction()?;
    {
        let mut put = tx.prepare_cached("insert or replace into replies values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")?;
        for order in group {
            if let Order::Put(put_in) = order {
                let (p, kept, now_ms) = put_in.as_ref();
                put.execute(params![
                    p.key.bytes().as_slice(),
                    now_ms,
                    p.base_url,
                    p.model,
                    p.salt,
                    p.messages.bytes().as_slice(),
                    p.parameters.bytes().as_slice(),
                    i64::try_from(kept.latency_ms).unwrap_or(i64::MAX),
                    kept.reply.as_ref()
                ])?;
            }
        }
    }
    tx.commit()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::DigestBuilder;

    fn parts(salt: &str) -> Parts {
        let d = |s| DigestBuilder::new(s).finish();
        let key = DigestBuilder::new("k").text("salt", salt).finish();
        Parts { key, base_url: "http://h".into(), model: "m".into(), salt: salt.into(), messages: d("m"), parameters: d("p") }
    }

    fn kept(text: &'static str) -> Kept {
        Kept { reply: Bytes::from_static(text.as_bytes()), latency_ms: 7 }
    }

    #[tokio::test]
    async fn what_was_put_is_there_after_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("deep/cache.db");
        let cache = Cache::open(&path).unwrap();
        for i in 0..300 {
            cache.put(parts(&format!("j/{i}")), kept("x"), 1000 + i).await;
        }
        cache.put(parts("j/0"), kept("y"), 5000).await;
        drop(cache);
        let cache = Cache::open(&path).unwrap();
        assert_eq!(cache.get(&parts("j/0").key), Some(kept("y")), "the later one replaced it");
        assert_eq!(cache.get(&parts("j/299").key), Some(kept("x")));
        assert_eq!(cache.get(&parts("other").key), None);
        let stats = cache.stats().unwrap();
        assert_eq!((stats.entries, stats.bytes, stats.oldest_ms, stats.newest_ms), (300, 300, Some(1001), Some(5000)));
        assert_eq!(stats.models, [("m".to_owned(), 300)]);
        assert_eq!(cache.fault(), None);
    }

    #[tokio::test]
    async fn a_miss_is_explained_by_the_nearest_entry() {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::open(&dir.path().join("c.db")).unwrap();
        assert_eq!(cache.explain(&parts("j/0")).unwrap(), Explanation::Empty);
        cache.put(parts("j/0"), kept("x"), 1).await;
        let far = Parts { messages: DigestBuilder::new("far").finish(), model: "n".into(), ..parts("k/0") };
        cache.put(far, kept("x"), 2).await;
        cache.flush().await;
        assert_eq!(cache.explain(&parts("j/0")).unwrap(), Explanation::Hit { kept_ms: 1 });
        let Explanation::Miss { nearest, differs, .. } = cache.explain(&parts("j/1")).unwrap() else { panic!() };
        assert_eq!((nearest.salt.as_str(), differs), ("j/0", vec!["sample or trial"]));
    }

    #[tokio::test]
    async fn pruning_removes_what_is_old_or_everything() {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::open(&dir.path().join("c.db")).unwrap();
        for i in 0..10 {
            cache.put(parts(&format!("j/{i}")), kept("x"), i).await;
        }
        cache.flush().await;
        assert_eq!(cache.prune(Some(4)).unwrap(), 4);
        assert_eq!(cache.prune(None).unwrap(), 6);
        assert_eq!(cache.stats().unwrap().entries, 0);
    }

    #[test]
    fn a_file_that_is_no_cache_is_refused_with_its_name() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("c.db");
        std::fs::write(&path, "not a database, but long enough to look at ".repeat(40)).unwrap();
        assert!(Cache::open(&path).unwrap_err().to_string().contains("c.db"));
        std::fs::remove_file(&path).unwrap();
        Connection::open(&path).unwrap().execute_batch("pragma user_version = 9").unwrap();
        assert!(matches!(Cache::open(&path).unwrap_err(), CacheFault::Version { found: 9, .. }));
    }
}
