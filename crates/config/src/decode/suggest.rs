//! "Did you mean …?"

/// The accepted name that is nearest to what was written, if one is near enough to be meant.
pub(crate) fn nearest<'a>(written: &str, accepted: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let written = written.to_ascii_lowercase();
    if written.len() > MAX_LENGTH {
        return None;
    }
    accepted
        .map(|name| (distance(&written, &name.to_ascii_lowercase()), name))
        .filter(|&(distance, name)| distance <= (name.len().max(written.len()) / 3).max(1))
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, name)| name)
}

/// Longer names are not compared: nobody mistypes that much.
const MAX_LENGTH: usize = 64;

/// Optimal string alignment distance: insertions, deletions, replacements and swaps of neighbours.
fn distance(a: &str, b: &str) -> usize {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replaced = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = replaced.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(before[j - 2] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn names() {
        let accepted = ["rule", "service", "middlewares", "entryPoints", "tls"];
        let cases = [
            ("rulez", Some("rule")),
            ("ruel", Some("rule")),
            ("entrypoint", Some("entryPoints")),
            ("midlewares", Some("middlewares")),
            ("tsl", Some("tls")),
            ("loadBalancer", None),
            ("", None),
            ("ü", None),
        ];
        for (written, expected) in cases {
            assert_eq!(nearest(written, accepted.into_iter()), expected, "{written}");
        }
    }
}
