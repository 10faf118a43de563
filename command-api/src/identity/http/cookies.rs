//! The cookies: not for scripts, not for other sites and, where the page is served over TLS, not without it.

use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue};

use crate::identity::Settings;
use crate::identity::sessions::Issued;

/// Below this path alone are the other cookies than the session's sent.
const OWN_PATH: &str = "/api/v1/identity";
const A_YEAR: u32 = 365 * 24 * 3600;
const FIVE_MINUTES: u32 = 300;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The access token.
    Session,
    Refresh,
    /// That this browser has signed in to an account before.
    Device,
    /// A sign-in that waits for its second factor.
    Pending,
    /// A passkey ceremony between its two requests.
    Ceremony,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Session => "workdock_session",
            Self::Refresh => "workdock_refresh",
            Self::Device => "workdock_device",
            Self::Pending => "workdock_pending",
            Self::Ceremony => "workdock_ceremony",
        }
    }

    /// A `__Host-` cookie belongs to the whole site, so only the session's can be one.
    fn full_name(self, settings: &Settings) -> String {
        let prefix = match self {
            _ if !settings.is_secure() => "",
            Self::Session => "__Host-",
            _ => "__Secure-",
        };
        format!("{prefix}{}", self.name())
    }
}

pub fn read(settings: &Settings, headers: &HeaderMap, kind: Kind) -> Option<String> {
    let wanted = kind.full_name(settings);
    let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, value)| *name == wanted && !value.is_empty()).map(|(_, value)| value.to_owned())
}

fn write(settings: &Settings, headers: &mut HeaderMap, kind: Kind, value: &str, seconds: u32) {
    let name = kind.full_name(settings);
    let path = if kind == Kind::Session { "/" } else { OWN_PATH };
    let secure = if settings.is_secure() { "; Secure" } else { "" };
    let cookie = format!("{name}={value}; Path={path}; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}");
    // Values are base64url or JWT.
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        headers.append(SET_COOKIE, cookie);
    }
}

/// Access and refresh token. Both cookies last as long as the session: the token inside says when it is over, and a
/// page whose access token is over asks for the next one.
pub fn signed_in(settings: &Settings, headers: &mut HeaderMap, issued: &Issued) {
    let left = (issued.ends_at - chrono::Utc::now()).num_seconds();
    let left = u32::try_from(left).unwrap_or_default();
    write(settings, headers, Kind::Session, &issued.access, left);
    write(settings, headers, Kind::Refresh, issued.refresh.expose(), left);
}

pub fn known_device(settings: &Settings, headers: &mut HeaderMap, token: &str) {
    write(settings, headers, Kind::Device, token, A_YEAR);
}

pub fn pending(settings: &Settings, headers: &mut HeaderMap, kind: Kind, token: &str) {
    write(settings, headers, kind, token, FIVE_MINUTES);
}

pub fn clear(settings: &Settings, headers: &mut HeaderMap, kinds: &[Kind]) {
    for kind in kinds {
        write(settings, headers, *kind, "", 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(base_url: &str) -> Settings {
        Settings { base_url: base_url.to_owned(), own_words: Vec::new() }
    }

    fn written(base_url: &str, kind: Kind) -> String {
        let mut headers = HeaderMap::new();
        write(&settings(base_url), &mut headers, kind, "x", 60);
        headers[SET_COOKIE].to_str().unwrap().to_owned()
    }

    #[test]
    fn cookies_are_for_this_site_and_not_for_scripts() {
        assert_eq!(
            written("http://127.0.0.1:8080", Kind::Session),
            "workdock_session=x; Path=/; HttpOnly; SameSite=Strict; Max-Age=60"
        );
        assert_eq!(
            written("https://workdock.example", Kind::Session),
            "__Host-workdock_session=x; Path=/; HttpOnly; SameSite=Strict; Max-Age=60; Secure"
        );
        assert_eq!(
            written("https://workdock.example", Kind::Refresh),
            "__Secure-workdock_refresh=x; Path=/api/v1/identity; HttpOnly; SameSite=Strict; Max-Age=60; Secure"
        );
    }

    #[test]
    fn a_cookie_is_found_among_others_by_its_whole_name() {
        let headers = |line: &'static str| HeaderMap::from_iter([(COOKIE, HeaderValue::from_static(line))]);
        let plain = settings("http://localhost");
        assert_eq!(read(&plain, &headers("a=1; workdock_session=x.y.z"), Kind::Session).as_deref(), Some("x.y.z"));
        assert_eq!(read(&plain, &headers("workdock_session2=x"), Kind::Session), None);
        // Over TLS a cookie that plain HTTP could have set is not one of ours.
        assert_eq!(read(&settings("https://w.example"), &headers("workdock_session=x"), Kind::Session), None);
    }
}
