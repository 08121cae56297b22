//! From what `tribunal.yaml` says about a server to an endpoint. Keys come from the environment by name.

use std::time::Duration;

use secrecy::SecretString;

use super::Endpoint;
use crate::error::AppError;

/// Where `kind: openai` goes unless told otherwise.
pub const DEFAULT_BASE_URL: &str = "https://api.openai.com/v1";
/// The variable that holds the key of [`DEFAULT_BASE_URL`] unless told otherwise.
pub const DEFAULT_KEY_ENV: &str = "OPENAI_API_KEY";

/// Looks a variable of the environment up.
pub type Env<'e> = &'e dyn Fn(&str) -> Option<String>;

impl Endpoint {
    /// The endpoint of `owner` (e.g. "agent `gpt`"). A server of the user's own gets no key unless one is named.
    ///
    /// # Errors
    /// When the URL is none, or the variable that should hold the key is not set.
    pub fn resolve(
        owner: &str,
        base_url: Option<&str>,
        key_env: Option<&str>,
        timeout_seconds: Option<u32>,
        env: Env<'_>,
    ) -> Result<Self, AppError> {
        let base_url = base_url.unwrap_or(DEFAULT_BASE_URL).trim().trim_end_matches('/');
        let parsed = reqwest::Url::parse(base_url).ok().filter(|u| matches!(u.scheme(), "http" | "https") && u.has_host());
        if parsed.is_none() {
            let shown = super::redact::url(base_url);
            return Err(AppError::usage(format!("{owner} has a base_url that is no http or https URL: `{shown}`"))
                .with_help("for example `base_url: http://localhost:8000/v1`"));
        }
        let wanted = key_env.or_else(|| (base_url == DEFAULT_BASE_URL).then_some(DEFAULT_KEY_ENV));
        let key = wanted.map(|name| key(owner, name, env)).transpose()?;
        let timeout = Duration::from_secs(u64::from(timeout_seconds.unwrap_or(120).max(1)));
        Ok(Self { base_url: base_url.to_owned(), key, timeout })
    }
}

fn key(owner: &str, name: &str, env: Env<'_>) -> Result<SecretString, AppError> {
    let value = env(name).map(|v| v.trim().to_owned()).filter(|v| !v.is_empty());
    value.map(SecretString::from).ok_or_else(|| {
        AppError::usage(format!("{owner} needs its key in the environment variable {name}, which is not set")).with_help(format!(
            "set it: `export {name}=...`; or name another variable with `api_key_env:`; or set `base_url:` to a server that needs no key"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    fn env(name: &str) -> Option<String> {
        (name == "MY_KEY").then(|| " sk-1234 \n".to_owned())
    }

    #[test]
    fn a_missing_key_is_named() {
        let e = Endpoint::resolve("agent `gpt`", None, None, None, &env).unwrap_err();
        assert!(e.to_string().contains("OPENAI_API_KEY") && e.to_string().contains("agent `gpt`"));
        let e = Endpoint::resolve("x", Some("http://h/v1"), Some("NOT_SET"), None, &env).unwrap_err();
        assert!(e.to_string().contains("NOT_SET"));
    }

    #[test]
    fn a_server_of_ones_own_gets_no_key_unless_one_is_named() {
        let e = Endpoint::resolve("x", Some("http://h:1/v1/"), None, Some(7), &env).unwrap();
        assert_eq!((e.base_url.as_str(), e.key.is_none(), e.timeout), ("http://h:1/v1", true, Duration::from_secs(7)));
        let e = Endpoint::resolve("x", Some("http://h:1/v1"), Some("MY_KEY"), None, &env).unwrap();
        assert_eq!(e.key.unwrap().expose_secret(), "sk-1234");
    }

    #[test]
    fn what_is_no_url_is_refused_without_its_secrets() {
        for url in ["localhost:8000", "ftp://h", "", "http://"] {
            assert!(Endpoint::resolve("x", Some(url), None, None, &env).is_err(), "{url}");
        }
        let e = Endpoint::resolve("x", Some("ftp://bob:hunter2@h/v1?key=abc"), None, None, &env).unwrap_err();
        assert!(!e.to_string().contains("hunter2") && !e.to_string().contains("abc"));
    }
}
