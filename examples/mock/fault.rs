//! Which fault befalls a request: by script, or by a draw from seed, content and how often it came.

use axum::http::StatusCode;

use super::{Flags, reply};

pub enum Fault {
    None,
    Status(StatusCode),
    /// The connection breaks before the reply.
    Reset,
    /// The connection breaks in the middle of the reply.
    Cut,
    /// No reply, ever.
    Hang,
}

pub fn draw(flags: &Flags, content: u64, nth: u32) -> Fault {
    if let Some(entry) = flags.script.get(nth as usize) {
        return match entry.as_str() {
            "reset" => Fault::Reset,
            "cut" => Fault::Cut,
            "hang" => Fault::Hang,
            status => status.parse().ok().and_then(|s| StatusCode::from_u16(s).ok()).map_or(Fault::None, Fault::Status),
        };
    }
    let drawn = reply::unit(content, nth, "fault");
    let mut bound = 0.0;
    let mut within = |share: f64| {
        bound += share;
        drawn < bound
    };
    if within(flags.rate_429) {
        Fault::Status(StatusCode::TOO_MANY_REQUESTS)
    } else if within(flags.rate_500) {
        Fault::Status(StatusCode::INTERNAL_SERVER_ERROR)
    } else if within(flags.reset) {
        if reply::unit(content, nth, "where") < 0.5 { Fault::Reset } else { Fault::Cut }
    } else {
        Fault::None
    }
}
