//! JSON that people read.

/// Compact JSON with a line for each member. Escapes that Go's encoder makes for browsers are undone.
pub(super) fn pretty(json: &str) -> String {
    let mut out = String::with_capacity(json.len() * 2);
    let (mut depth, mut in_text, mut rest) = (0_usize, false, json.chars().peekable());
    while let Some(character) = rest.next() {
        match character {
            '\\' if in_text => {
                out.push('\\');
                out.extend(rest.next());
            }
            '"' => {
                in_text = !in_text;
                out.push('"');
            }
            character if in_text => out.push(character),
            '{' | '[' if rest.next_if(|next| matches!(next, '}' | ']')).is_some() => {
                out.push_str(if character == '{' { "{}" } else { "[]" });
            }
            '{' | '[' => {
                depth += 1;
                out.push(character);
                line(&mut out, depth);
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                line(&mut out, depth);
                out.push(character);
            }
            ',' => {
                out.push(',');
                line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            character => out.push(character),
        }
    }
    for (escape, plain) in [("\\u0026", "&"), ("\\u003c", "<"), ("\\u003e", ">")] {
        out = out.replace(escape, plain);
    }
    out
}

fn line(out: &mut String, depth: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", depth));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_for_each_member() {
        for (json, expected) in [
            (r#"{"a":"{,:\"}","b":[1,{}]}"#, "{\n  \"a\": \"{,:\\\"}\",\n  \"b\": [\n    1,\n    {}\n  ]\n}"),
            (r#"{"a":"\u003cb\u003e \u0026"}"#, "{\n  \"a\": \"<b> &\"\n}"),
            ("[]", "[]"),
            ("]}", "\n]\n}"),
        ] {
            assert_eq!(pretty(json), expected);
        }
    }
}
