//! What is agreed with clients over TLS: certificates, options, and which options are for which name
//! (specification sections 5.3, 5.4 and 5.6).

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use ferroway_config::dynamic::{Dynamic, Object, StoredCertificate, TlsOptions, TlsStore};
use ferroway_config::{Problem, ProblemKind};

use crate::context::Context;
use crate::names::local_name;
use crate::plan::{Mount, PlanEntry, ProviderPlan, Providers};
use crate::resolvers::unknown_resolvers;
use crate::router::{PlannedTcpRouter, TcpTls};

/// The name of the options, and of the store, for whoever names none.
pub const DEFAULT_OPTIONS: &str = "default";

/// What is agreed with clients over TLS.
#[derive(Debug, Clone, Default)]
pub struct TlsPlan {
    /// The certificates of all providers; the same object as before while they are the same.
    pub certificates: Arc<[StoredCertificate]>,
    /// What is for clients that no certificate fits.
    pub store: Arc<TlsStore>,
    /// Options by their full names. `default` is missing where several providers define it.
    pub options: BTreeMap<Arc<str>, Arc<TlsOptions>>,
    /// For each entry point, which options are for whom, the same object as before while that is the same; `None`
    /// where nothing answers over TLS.
    pub entry_points: Vec<Option<Arc<EntryPointTls>>>,
    /// What is wrong, with its place.
    pub problems: Vec<Problem>,
    verdicts: Verdicts,
}

/// Which routers do not get the TLS options that they name, by their names and the numbers of entry points.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verdicts {
    /// Those whose options other routers contradict.
    conflicted: BTreeSet<(Arc<str>, usize)>,
    /// Those that must not answer because of their options (`core.strictTLSOptions`).
    refused: BTreeSet<(Arc<str>, usize)>,
}

/// Which options are for whom on an entry point.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EntryPointTls {
    /// The name of the options for a host, which may be a wildcard (`*.example.com`). All others get `default`.
    pub by_host: HashMap<Box<str>, Arc<str>>,
}

impl TlsPlan {
    /// The options that a router answers under; `None` where it answers without TLS.
    pub fn options_of(&self, hosts: &[Box<str>], mount: &Mount) -> Option<Arc<str>> {
        let (options, entry_point) = (mount.tls.as_ref()?, *mount.entry_points.first()?);
        // Without a host there is nothing by which a connection could get other options.
        let lost = hosts.is_empty() || holds(&self.verdicts.conflicted, mount, entry_point);
        Some(if lost { DEFAULT_OPTIONS.into() } else { options.clone() })
    }

    /// Whether a router must not answer, as its options are not the ones that its clients would get.
    pub fn is_refused(&self, mount: &Mount) -> bool {
        mount.entry_points.first().is_some_and(|number| holds(&self.verdicts.refused, mount, *number))
    }

    /// Which routers do not get their options.
    pub fn verdicts(&self) -> &Verdicts {
        &self.verdicts
    }
}

/// Whether a router is among them; usually there are none.
fn holds(mounts: &BTreeSet<(Arc<str>, usize)>, mount: &Mount, entry_point: usize) -> bool {
    !mounts.is_empty() && mounts.contains(&(mount.name.clone(), entry_point))
}

/// Plans TLS.
pub(crate) fn plan_tls(
    context: &Context,
    providers: &Providers,
    routers: &[ProviderPlan],
    tcp_routers: &[ProviderPlan<PlannedTcpRouter>],
    last: &TlsPlan,
) -> TlsPlan {
    let mut plan = TlsPlan { entry_points: vec![None; context.entry_points.len()], ..TlsPlan::default() };
    plan.take_certificates(providers, last);
    plan.take_options(providers);
    plan.assign(context, routers);
    plan.add_tcp(tcp_routers);
    for (now, last) in plan.entry_points.iter_mut().zip(&last.entry_points).filter(|(now, last)| now == last)
    {
        now.clone_from(last);
    }
    plan.problems.extend(unknown_resolvers(context, routers));
    plan
}

impl TlsPlan {
    fn take_certificates(&mut self, providers: &Providers, last: &Self) {
        let all = || providers.0.values().flat_map(|dynamic| &dynamic.tls.certificates);
        let same = all().eq(&*last.certificates);
        self.certificates = if same { last.certificates.clone() } else { all().cloned().collect() };
        let store = self.only_one(providers, "tls.stores", |dynamic| dynamic.tls.stores.get(DEFAULT_OPTIONS));
        self.store = store.unwrap_or_default();
    }

    fn take_options(&mut self, providers: &Providers) {
        for (provider, dynamic) in &providers.0 {
            for (name, object) in dynamic.tls.options.iter().filter(|(name, _)| *name != DEFAULT_OPTIONS) {
                self.options.insert(format!("{name}@{provider}").into(), object.value.clone());
            }
        }
        let defined = |dynamic: &Dynamic| dynamic.tls.options.contains_key(DEFAULT_OPTIONS);
        if providers.0.values().any(|dynamic| defined(dynamic)) {
            let options =
                self.only_one(providers, "tls.options", |dynamic| dynamic.tls.options.get(DEFAULT_OPTIONS));
            if let Some(options) = options {
                self.options.insert(DEFAULT_OPTIONS.into(), options);
            }
        } else {
            self.options.insert(DEFAULT_OPTIONS.into(), Arc::default());
        }
    }

    /// The object `default` of the one provider that defines it. Traefik: two of them are as good as none.
    fn only_one<T>(
        &mut self,
        providers: &Providers,
        section: &str,
        get: impl for<'d> Fn(&'d Dynamic) -> Option<&'d Object<T>>,
    ) -> Option<Arc<T>> {
        let mut all = providers.0.values().filter_map(|dynamic| get(dynamic));
        let first = all.next()?;
        let Some(second) = all.next() else { return Some(first.value.clone()) };
        let path = format!("{section}.{DEFAULT_OPTIONS}");
        let message = format!("{path} is defined by several providers, so none of them counts");
        self.problems.push(Problem::error(ProblemKind::Semantic, second.origin.clone(), path, message));
        None
    }

    /// Where TCP routers look at TLS, clients whom none of them is for get an answer over TLS too: that there is
    /// nothing.
    fn add_tcp(&mut self, routers: &[ProviderPlan<PlannedTcpRouter>]) {
        let all = routers.iter().flat_map(|provider| &provider.routers);
        for entry in all.filter(|entry| entry.planned.tls != TcpTls::None) {
            for number in &entry.planned.entry_points {
                self.entry_points[*number].get_or_insert_default();
            }
        }
    }

    /// Gives each host its options. Most routers want the default ones, and of those nothing is written down.
    fn assign(&mut self, context: &Context, routers: &[ProviderPlan]) {
        let all = || routers.iter().flat_map(|provider| &provider.routers);
        let over_tls = || all().flat_map(|entry| mounts_over_tls(entry).map(move |mount| (entry, mount)));
        let mut wanted = Wanted::default();
        for (entry, mount) in over_tls() {
            for number in &mount.entry_points {
                self.entry_points[*number].get_or_insert_default();
            }
            if has_default_options(mount) {
                continue;
            }
            if entry.planned.hosts.is_empty() {
                let (rule, options) = (&entry.planned.config.rule, mount.tls.as_deref().unwrap_or_default());
                let words =
                    format!("no domain found in rule {rule}, the TLS options {options} cannot be applied");
                self.tell(context, entry, mount, &words);
            }
            wanted.add(entry, mount);
        }
        if wanted.0.is_empty() {
            return;
        }
        over_tls().filter(|(_, mount)| has_default_options(mount)).for_each(|(entry, mount)| {
            wanted.contradict(entry, mount);
        });
        if wanted.0.values().any(|wish| wish.is_contradicted) {
            over_tls().for_each(|(entry, mount)| self.tell_of_contradiction(context, &wanted, entry, mount));
        }
        for ((number, host), wish) in wanted.0.iter().filter(|(_, wish)| !wish.is_contradicted) {
            let options = self.options_of(&wish.entry.planned.hosts, wish.mount);
            if let (Some(options), Some(tls)) = (options, &mut self.entry_points[*number])
                && *options != *DEFAULT_OPTIONS
            {
                Arc::make_mut(tls).by_host.insert((*host).into(), options);
            }
        }
    }

    /// Tells if other routers want other options for a host of this one.
    fn tell_of_contradiction(
        &mut self,
        context: &Context,
        wanted: &Wanted<'_>,
        entry: &PlanEntry,
        mount: &Mount,
    ) {
        for number in &mount.entry_points {
            let mut hosts = entry.planned.hosts.iter();
            let Some(host) = hosts.find(|host| wanted.is_contradicted(*number, host)) else { continue };
            self.verdicts.conflicted.insert((mount.name.clone(), *number));
            let entry_point = &context.entry_points[*number].name;
            let end = if context.strict_tls_options {
                "none of them answers"
            } else {
                "all of them get the default ones"
            };
            let words = format!(
                "other routers of the entry point {entry_point} want other TLS options for {host}, so {end}"
            );
            self.tell(context, entry, mount, &words);
        }
    }

    /// Tells that a router does not get its options; a strict context refuses it then.
    fn tell(&mut self, context: &Context, entry: &PlanEntry, mount: &Mount, words: &str) {
        let strict = context.strict_tls_options;
        let make = if strict { Problem::error } else { Problem::warning };
        if strict {
            self.verdicts
                .refused
                .extend(mount.entry_points.iter().map(|number| (mount.name.clone(), *number)));
        }
        let path = format!("http.routers.{}", local_name(&entry.planned.name));
        let message = format!("router {}: {words}", mount.name);
        self.problems.push(make(ProblemKind::Semantic, entry.origin.clone(), path, message));
    }
}

/// What routers want for hosts that one of them wants other options for than the default ones.
#[derive(Default)]
struct Wanted<'p>(HashMap<(usize, &'p str), Wish<'p>>);

struct Wish<'p> {
    /// Who wants it, the first of them.
    entry: &'p PlanEntry,
    mount: &'p Mount,
    /// Others want something else.
    is_contradicted: bool,
}

impl<'p> Wanted<'p> {
    fn add(&mut self, entry: &'p PlanEntry, mount: &'p Mount) {
        for number in &mount.entry_points {
            for host in &entry.planned.hosts {
                let first = Wish { entry, mount, is_contradicted: false };
                let wish = self.0.entry((*number, host)).or_insert(first);
                wish.is_contradicted |= wish.mount.tls != mount.tls;
            }
        }
    }

    /// A router with the default options.
    fn contradict(&mut self, entry: &'p PlanEntry, mount: &Mount) {
        for number in &mount.entry_points {
            for host in &entry.planned.hosts {
                if let Some(wish) = self.0.get_mut(&(*number, &**host)) {
                    wish.is_contradicted = true;
                }
            }
        }
    }

    fn is_contradicted(&self, number: usize, host: &str) -> bool {
        self.0.get(&(number, host)).is_some_and(|wish| wish.is_contradicted)
    }
}

fn mounts_over_tls(entry: &PlanEntry) -> impl Iterator<Item = &Mount> {
    entry.planned.mounts.iter().filter(|mount| mount.tls.is_some())
}

fn has_default_options(mount: &Mount) -> bool {
    mount.tls.as_deref() == Some(DEFAULT_OPTIONS)
}
