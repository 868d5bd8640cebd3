//! Writing HTML: what is not ours is escaped.

use crate::view::List;

/// A page that is being written.
#[derive(Debug, Default)]
pub(crate) struct Html(String);

impl Html {
    /// Adds markup of our own.
    pub(crate) fn raw(&mut self, markup: &str) -> &mut Self {
        self.0.push_str(markup);
        self
    }

    /// Adds text, which may stand in an attribute with double quotes, too.
    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        for character in text.chars() {
            match character {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                // Marks that change the direction of text could make it look like something else.
                '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => self.0.push('\u{fffd}'),
                character => self.0.push(character),
            }
        }
        self
    }

    /// Begins a cell of a table; narrow screens show its name before it.
    pub(crate) fn cell(&mut self, name: &str) -> &mut Self {
        self.raw("<td data-name=\"").raw(name).raw("\"><div>")
    }

    /// Begins a row of a table with one cell of a name and one of a value.
    pub(crate) fn row(&mut self, name: &str) -> &mut Self {
        self.raw("<tr><th scope=\"row\">").raw(name).raw("<td><div>")
    }

    /// Adds a list, unless it is empty.
    pub(crate) fn items<T>(&mut self, items: &[T], mut write: impl FnMut(&mut Self, &T)) {
        if items.is_empty() {
            return;
        }
        self.raw("<ul>");
        for item in items {
            self.raw("<li>");
            write(self, item);
        }
        self.raw("</ul>");
    }

    /// Adds the name of an object, which leads to it.
    pub(crate) fn object(&mut self, list: List, name: &str) -> &mut Self {
        self.raw("<a href=\"?list=").raw(list.path()).raw("&amp;name=").raw(&parameter(name)).raw("\">");
        self.text(name).raw("</a>")
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.0.into_bytes()
    }
}

/// A value as it stands in a query.
pub(crate) fn parameter(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for byte in value.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'@' | b'/' => {
                out.push(char::from(byte))
            }
            byte => {
                const HEX: &[u8; 16] = b"0123456789ABCDEF";
                out.push('%');
                out.push(char::from(HEX[usize::from(byte >> 4)]));
                out.push(char::from(HEX[usize::from(byte & 15)]));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_stays_text() {
        let mut page = Html::default();
        page.text("<script>\"'&\u{202e}");
        page.object(List::HttpRouters, "a\"><b>&c=d@file");
        let expected = "&lt;script&gt;&quot;&#39;&amp;\u{fffd}<a href=\"?list=http/routers&amp;name=\
                        a%22%3E%3Cb%3E%26c%3Dd@file\">a&quot;&gt;&lt;b&gt;&amp;c=d@file</a>";
        assert_eq!(String::from_utf8(page.finish()).expect("UTF-8"), expected);
    }
}
