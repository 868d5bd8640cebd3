//! Objects that could not be decoded. They are in no plan, but whoever wrote them looks for them.

use ferroway_config::decode::Broken;
use ferroway_config::dynamic::Root;
use ferroway_config::encode::quotes::words;
use ferroway_control::Plan;

use crate::entry::Entry;
use crate::problems::Found;
use crate::routers::Referred;
use crate::view::List;

/// Those of the lists, each with its list.
pub(crate) fn entries(plan: &Plan) -> Vec<(List, Entry)> {
    let broken = plan.providers.0.iter().flat_map(|(provider, dynamic)| {
        let all = dynamic.broken.iter();
        all.filter_map(move |broken| Some((list(broken)?, entry(provider, broken))))
    });
    broken.collect()
}

fn list(broken: &Broken) -> Option<List> {
    let path = broken.section.replace('.', "/");
    List::ALL.into_iter().find(|list| list.path() == path)
}

fn entry(provider: &str, broken: &Broken) -> Entry {
    let mut found = Found::default();
    for problem in &broken.problems {
        found.add(problem.severity, &words(problem, Root::SECTION), &problem.span);
    }
    let name = format!("{}@{provider}", broken.name);
    let (kind, used_by, origin) = (String::new(), Vec::new(), Some(&broken.origin));
    Referred { name, kind, count: 0, found, used_by, origin, is_reached: false }.entry(|_| {})
}
