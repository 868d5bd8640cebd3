//! `/api/overview`: how many of everything, and what is switched on.

use ferroway_config::encode::{Encode, Object, string, strings};
use ferroway_config::static_config::Static;

use crate::answer::Answer;
use crate::entry::Status;
use crate::facts::Facts;
use crate::view::{List, View};

pub(crate) fn answer(facts: &Facts, view: &View, now: i64) -> Answer {
    let mut out = Vec::new();
    let mut object = Object::begin(&mut out);
    let of = |object: &mut Object<'_>, name: &str, lists: &[(&str, List)]| {
        object.with(name, |out| {
            let mut object = Object::begin(out);
            for (name, list) in lists {
                count(&mut object, name, view, *list);
            }
            object.end();
        });
    };
    let http = [
        ("routers", List::HttpRouters),
        ("services", List::HttpServices),
        ("middlewares", List::HttpMiddlewares),
    ];
    of(&mut object, "http", &http);
    let tcp = [
        ("routers", List::TcpRouters),
        ("services", List::TcpServices),
        ("middlewares", List::TcpMiddlewares),
    ];
    of(&mut object, "tcp", &tcp);
    of(&mut object, "udp", &[("routers", List::UdpRouters), ("services", List::UdpServices)]);
    object.with("certificates", |out| {
        let with = |status: &str| view.certificates.iter().filter(|own| own.status(now) == status).count();
        numbers(out, [view.certificates.len(), with("warning"), with("expired")]);
    });
    object.with("features", |out| features(out, &facts.config));
    let providers = providers(&facts.config);
    if !providers.is_empty() {
        object.with("providers", |out| strings(out, &providers));
    }
    object.end();
    Answer::json(out)
}

fn count(object: &mut Object<'_>, name: &str, view: &View, list: List) {
    let entries = view.list(list);
    let with = |status| entries.iter().filter(|entry| entry.status == status).count();
    object.with(name, |out| numbers(out, [entries.len(), with(Status::Warning), with(Status::Disabled)]));
}

fn numbers(out: &mut Vec<u8>, counts: [usize; 3]) {
    let mut object = Object::begin(out);
    for (name, count) in ["total", "warnings", "errors"].into_iter().zip(counts) {
        object.number(name, i64::try_from(count).unwrap_or(i64::MAX));
    }
    object.end();
}

fn features(out: &mut Vec<u8>, config: &Static) {
    let mut object = Object::begin(out);
    let tracing = config.tracing.as_ref().is_some_and(|tracing| tracing.otlp.is_some());
    object.with("tracing", |out| string(out, if tracing { "OTLP" } else { "" }));
    object.with("metrics", |out| string(out, metrics(config)));
    object.with("accessLog", |out| config.access_log.is_some().encode(out));
    object.end();
}

/// The first of the backends, in Traefik's order.
fn metrics(config: &Static) -> &'static str {
    let Some(metrics) = &config.metrics else { return "" };
    let backends = [
        ("Prometheus", metrics.prometheus.is_some()),
        ("Datadog", metrics.datadog.is_some()),
        ("StatsD", metrics.statsd.is_some()),
        ("InfluxDB2", metrics.influxdb2.is_some()),
        ("OTLP", metrics.otlp.is_some()),
    ];
    backends.iter().find(|(_, on)| *on).map_or("", |(name, _)| name)
}

/// The providers that are configured, by the names and in the order of Traefik's fields.
fn providers(config: &Static) -> Vec<String> {
    let own = &config.providers;
    let mut names: Vec<String> = [
        ("Docker", own.docker.is_some()),
        ("Swarm", own.swarm.is_some()),
        ("File", own.file.is_some()),
        ("KubernetesIngress", own.kubernetes_ingress.is_some()),
        ("KubernetesCRD", own.kubernetes_crd.is_some()),
        ("KubernetesGateway", own.kubernetes_gateway.is_some()),
        ("KubernetesIngressNGINX", own.kubernetes_ingress_nginx.is_some()),
        ("Knative", own.knative.is_some()),
        ("Rest", own.rest.is_some()),
        ("ConsulCatalog", own.consul_catalog.is_some()),
        ("Nomad", own.nomad.is_some()),
        ("Ecs", own.ecs.is_some()),
        ("Consul", own.consul.is_some()),
        ("Etcd", own.etcd.is_some()),
        ("ZooKeeper", own.zoo_keeper.is_some()),
        ("Redis", own.redis.is_some()),
        ("HTTP", own.http.is_some()),
    ]
    .into_iter()
    .filter(|(_, on)| *on)
    .map(|(name, _)| name.to_owned())
    .collect();
    names.extend(own.plugin.keys().map(|name| format!("plugin-{name}")));
    names
}
