//! What a plain YAML scalar says (YAML 1.2 core schema, with booleans only as `true` and `false`).

/// A plain scalar's meaning where no text is wanted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Plain {
    Null,
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    Text,
}

/// Reads a plain scalar. `yes`, `on`, `.inf` and `.nan` are texts.
pub(super) fn resolve(text: &str) -> Plain {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Plain::Null,
        "true" => return Plain::Bool(true),
        "false" => return Plain::Bool(false),
        _ => {}
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return Plain::Text;
    }
    let radix =
        |prefix: &str, radix| digits.strip_prefix(prefix).filter(|_| digits.len() == text.len()).map(|d| u64::from_str_radix(d, radix));
    if let Some(read) = radix("0x", 16).or_else(|| radix("0o", 8)) {
        return read.map_or(Plain::Text, Plain::Unsigned);
    }
    if digits.bytes().all(|b| b.is_ascii_digit()) {
        if let Ok(n) = text.parse::<u64>() {
            return Plain::Unsigned(n);
        }
        if let Ok(n) = text.parse::<i64>() {
            return Plain::Signed(n);
        }
    }
    let number = digits.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'-' | b'+'));
    match text.parse::<f64>() {
        Ok(x) if number && x.is_finite() => Plain::Float(x),
        _ => Plain::Text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_scalars_read_as_the_core_schema_says() {
        let cases = [
            ("~", Plain::Null),
            ("true", Plain::Bool(true)),
            ("no", Plain::Text),
            ("True", Plain::Text),
            ("007", Plain::Unsigned(7)),
            ("-3", Plain::Signed(-3)),
            ("0x1F", Plain::Unsigned(31)),
            ("1.10", Plain::Float(1.1)),
            (".5", Plain::Float(0.5)),
            ("1e3", Plain::Float(1000.0)),
            ("1e999", Plain::Text),
            (".nan", Plain::Text),
            ("2024-01-01", Plain::Text),
            ("1.2.3", Plain::Text),
            ("14 days", Plain::Text),
        ];
        for (text, want) in cases {
            assert_eq!(resolve(text), want, "{text}");
        }
    }
}
