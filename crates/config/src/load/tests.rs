//! Tests of the static configuration's sources.

use std::collections::BTreeMap;
use std::io;

use super::{Loaded, help, load, reference};
use crate::duration::Duration;
use crate::problem::{Problem, ProblemKind};
use crate::static_config::Static;

/// Every flag of Traefik 3.7.15 with its default; `-` where its help shows none.
const TRAEFIK_FLAGS: &str = include_str!("../../tests/data/flags-3.7.15.tsv");

/// Loads from flags, variables and files; files are pairs of path and text.
fn run(args: &[&str], env: &[(&str, &str)], files: &[(&str, &str)]) -> Result<Loaded, Vec<Problem>> {
    let args: Vec<String> = args.iter().map(ToString::to_string).collect();
    let env: BTreeMap<String, String> = env.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
    let read = |path: &str| match files.iter().find(|(name, _)| *name == path) {
        Some((_, text)) => Ok(text.to_string()),
        None => Err(io::Error::from(io::ErrorKind::NotFound)),
    };
    load(&args, &env, &read)
}

/// The errors as shown to users; panics if loading works.
fn errors(args: &[&str], env: &[(&str, &str)], files: &[(&str, &str)]) -> Vec<String> {
    let problems = run(args, env, files).expect_err("loading should fail");
    problems.iter().filter(|problem| problem.is_error()).map(ToString::to_string).collect()
}

#[test]
fn every_flag_of_traefik_is_known_with_its_default() {
    // Help shows "false" or nothing for some sections that are not switches.
    let shown_otherwise = [
        ("configfile", ""),
        ("certificatesresolvers.<name>.tailscale", "true"),
        ("certificatesresolvers.<name>.acme.dnschallenge.propagation", ""),
        ("entrypoints.<name>.http", ""),
        ("experimental.localplugins.<name>.settings", ""),
        ("experimental.plugins.<name>.settings", ""),
        ("providers.knative.privateservice", ""),
        ("providers.knative.publicservice", ""),
        ("providers.kubernetesgateway.statusaddress.service", ""),
        // Unset is not 0 here.
        ("providers.kubernetesingressnginx.ipallowliststrategy.ipv6subnet", "0"),
    ];
    let ours: BTreeMap<String, String> =
        reference().into_iter().map(|option| (option.path.to_ascii_lowercase(), option.default)).collect();
    let mut wrong = Vec::new();
    let mut count = 0;
    for line in TRAEFIK_FLAGS.lines() {
        let (path, default) = line.split_once('\t').expect("two columns");
        count += 1;
        if shown_otherwise.contains(&(path, default)) {
            continue;
        }
        match ours.get(path) {
            None => wrong.push(format!("{path}: unknown")),
            Some(own) if own != default && default != "-" => {
                wrong.push(format!("{path}: {own:?}, not {default:?}"))
            }
            Some(_) => {}
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(count, 547);
}

#[test]
fn help_lists_every_option() {
    let text = help();
    for part in
        ["--configfile", "--entrypoints.<name>.address", "--providers.docker", "(not implemented yet)"]
    {
        assert!(text.contains(part), "{part}");
    }
    assert_eq!(text.lines().filter(|line| line.starts_with("    --")).count(), reference().len() + 1);
}

/// Loads what must have no errors, and no warnings but those of options without effect.
fn good(args: &[&str], env: &[(&str, &str)], files: &[(&str, &str)]) -> Static {
    let loaded = run(args, env, files).unwrap_or_else(|problems| panic!("{args:?} {env:?}: {problems:#?}"));
    let expected = |warning: &Problem| warning.message.contains(" has no effect: ");
    assert!(loaded.warnings.iter().all(expected), "{:#?}", loaded.warnings);
    loaded.config
}

#[test]
fn flags_set_what_they_say() {
    type Check = fn(&Static) -> bool;
    let cases: &[(&[&str], Check)] = &[
        (&["--entrypoints.web.address=:81"], |c| c.entry_points["web"].address == ":81"),
        (&["-entryPoints.Web.ADDRESS", ":81"], |c| c.entry_points["Web"].address == ":81"),
        (&["--entrypoints.web.address=:1", "--entryPoints.web.address=:2"], |c| {
            c.entry_points["web"].address == ":2"
        }),
        (&["--entrypoints.web.address=:81", "--entrypoints.web.asDefault"], |c| {
            c.entry_points["web"].as_default
        }),
        (&["--entrypoints.web.address=:81", "--entrypoints.web"], |c| c.entry_points["web"].address == ":81"),
        (&["--api", "--ping"], |c| c.api.is_some() && c.ping.is_some()),
        (&["--ping=false", "--ping.entrypoint=web"], |c| c.ping.is_none()),
        (&["--ping.entrypoint=http", "--ping"], |c| c.ping.as_ref().is_some_and(|p| p.entry_point == "http")),
        (&["--api.insecure", "--log.level=DEBUG"], |c| {
            c.api.as_ref().is_some_and(|api| api.insecure)
                && c.log.as_ref().is_some_and(|l| l.level == "DEBUG")
        }),
        (&["--log", "--log.level", "debug", "--"], |c| {
            c.log.as_ref().is_some_and(|log| log.level == "debug")
        }),
        (&["--log.level=INFO", "--", "--nonsense"], |c| {
            c.log.as_ref().is_some_and(|log| log.level == "INFO")
        }),
        (&["--accesslog.filters.statuscodes=200, 300-302", "--accesslog.filters.statuscodes=404"], |c| {
            c.access_log.as_ref().unwrap().filters.status_codes == ["200", "300-302", "404"]
        }),
        (
            &[
                "--entrypoints.web.address=:1",
                "--entrypoints.web.http.middlewares[1]=b@file",
                "--entrypoints.web.http.middlewares.0=a@file",
            ],
            |c| {
                c.entry_points["web"].http.middlewares == ["a@file", "b@file"]
                    || c.entry_points["web"].http.middlewares == ["b@file", "a@file"]
            },
        ),
        (&["--accesslog.fields.names.X-Y=drop"], |c| {
            c.access_log.as_ref().unwrap().fields.names["X-Y"] == "drop"
        }),
        (&["--providers.providersThrottleDuration=1.5s"], |c| {
            c.providers.providers_throttle_duration == Duration::from_millis(1500)
        }),
        (
            &[
                "--entrypoints.web.address=:1",
                "--entrypoints.web.transport.respondingTimeouts.readTimeout=-5",
            ],
            |c| c.entry_points["web"].transport.responding_timeouts.read_timeout == Duration::from_secs(-5),
        ),
        (&["--serversTransport.maxIdleConnsPerHost", "-1"], |c| {
            c.servers_transport.max_idle_conns_per_host == -1
        }),
        (&["--experimental.fastproxy"], |c| c.experimental.fast_proxy.is_some()),
        // Nothing at all, and the implied entry points.
        (&[], |c| c.entry_points["http"].address == ":80" && c.entry_points.len() == 1),
        (&["--ping"], |c| c.entry_points["traefik"].address == ":8080" && c.entry_points.len() == 2),
        (&["--ping", "--ping.manualrouting"], |c| c.entry_points.len() == 1),
        // Not there yet, but with its default.
        (&["--entrypoints.web.address=:1", "--entrypoints.web.http2.maxConcurrentStreams=250"], |c| {
            c.entry_points["web"].http2.max_concurrent_streams == 250
        }),
    ];
    for (args, check) in cases {
        let config = good(args, &[], &[]);
        assert!(check(&config), "{args:?}: {config:#?}");
    }
}

#[test]
fn bad_flags_are_named() {
    let cases: &[(&[&str], &str)] = &[
        (&["--nosuch=1"], "flag --nosuch: unknown option \"nosuch\" in the document (accepted: global,"),
        (
            &["--entrypoints.web.adress=:80"],
            "flag --entrypoints.web.adress: unknown option \"adress\" in entryPoints.web; did you mean \"address\"?",
        ),
        (&["foo"], "unexpected argument \"foo\""),
        (&["---log.level=DEBUG"], "bad flag syntax: ---log.level=DEBUG"),
        (&["--=v"], "bad flag syntax: --=v"),
        (&["--entrypoints.web..address=:80"], "bad flag syntax"),
        (&["--log.level"], "flag --log.level: the flag --log.level needs a value"),
        (&["--log.level", "--ping"], "flag --log.level: the flag --log.level needs a value"),
        (&["--log.level.x=1"], "has nothing below it"),
        (
            &["--api.insecure=yes"],
            "flag --api.insecure: invalid value \"yes\" for api.insecure: expected a bool (true or false)",
        ),
        (&["--providers.providersthrottleduration=abc"], "expected a duration"),
        (&["--providers.file"], "providers.file needs at least one option"),
        (&["--serverstransport.maxidleconnsperhost=1.5"], "expected an integer"),
        (
            &["--metrics.prometheus.buckets=0.1,a"],
            "invalid value \"a\" for metrics.prometheus.buckets[1]: expected a number",
        ),
        (&["--pilot.token=x"], "the option pilot no longer exists"),
        (&["--experimental.http3"], "the option experimental.http3 no longer exists"),
        (&["--providers.docker.swarmmode"], "the option providers.docker.swarmMode no longer exists"),
    ];
    for (args, expected) in cases {
        let shown = errors(args, &[], &[]);
        let lower = expected.to_lowercase();
        assert!(shown.iter().any(|error| error.to_lowercase().contains(&lower)), "{args:?}: {shown:#?}");
    }
}

#[test]
fn environment() {
    type Check = fn(&Static) -> bool;
    let cases: &[(&[(&str, &str)], Check)] = &[
        (&[("TRAEFIK_ENTRYPOINTS_WEB_ADDRESS", ":81")], |c| c.entry_points["web"].address == ":81"),
        (&[("FERROWAY_LOG_LEVEL", "INFO"), ("TRAEFIK_LOG_LEVEL", "DEBUG")], |c| {
            c.log.as_ref().unwrap().level == "INFO"
        }),
        (&[("TRAEFIK_PING", "")], |c| c.ping.is_some()),
        (&[("TRAEFIK_PING", "true"), ("TRAEFIK_PING_ENTRYPOINT", "http")], |c| {
            c.ping.as_ref().unwrap().entry_point == "http"
        }),
        (&[("TRAEFIK_LOG", "x")], |c| c.log.is_none()),
        (
            &[("TRAEFIK_FOO", "1"), ("TRAEFIK_", "x"), ("TRAEFIK__LOG", "x"), ("traefik_log_level", "x")],
            |c| c.log.is_none(),
        ),
        (&[("FERROWAY_WORKERS", "4"), ("TRAEFIK_PORT_80_TCP", "x")], |c| c.entry_points.len() == 1),
        (
            &[
                ("TRAEFIK_ENTRYPOINTS_WEB_ADDRESS", ":81"),
                ("TRAEFIK_ENTRYPOINTS_WEB_HTTP_MIDDLEWARES", "a@file, b@file"),
            ],
            |c| c.entry_points["web"].http.middlewares == ["a@file", "b@file"],
        ),
    ];
    for (env, check) in cases {
        let config = good(&[], env, &[]);
        assert!(check(&config), "{env:?}: {config:#?}");
    }
    let bad = [
        (
            "TRAEFIK_LOG_FOO",
            "environment variable TRAEFIK_LOG_FOO: unknown option \"foo\" in log (accepted: level",
        ),
        ("TRAEFIK_ENTRYPOINTS_MY_EP_ADDRESS", "unknown option \"ep\" in entryPoints.my"),
        (
            "TRAEFIK_LOG_",
            "environment variable TRAEFIK_LOG_: two underscores follow each other, or one is last",
        ),
        ("TRAEFIK_API_INSECURE", "invalid value \"x\" for api.insecure"),
        ("TRAEFIK_PILOT_TOKEN", "the option pilot no longer exists"),
    ];
    for (name, expected) in bad {
        let shown = errors(&[], &[(name, "x")], &[]);
        assert!(shown.iter().any(|error| error.contains(expected)), "{name}: {shown:#?}");
    }
    // Elements of a list of sections, in both spellings.
    for name in [
        "TRAEFIK_ENTRYPOINTS_WEB_HTTP_TLS_DOMAINS_0_MAIN",
        "TRAEFIK_ENTRYPOINTS_WEB_HTTP_TLS_DOMAINS[0]_MAIN",
    ] {
        let config = good(&[], &[(name, "x"), ("TRAEFIK_ENTRYPOINTS_WEB_ADDRESS", ":1")], &[]);
        let tls = config.entry_points["web"].http.tls.as_ref().expect("set");
        assert_eq!(tls.domains[0].main, "x", "{name}");
    }
}

#[test]
fn sources_are_layered_option_by_option() {
    let file = "entryPoints:
  Web:
    address: :80
    forwardedHeaders: {trustedIPs: [10.0.0.1, 10.0.0.2]}
    transport: {lifeCycle: {graceTimeOut: 5}}
log: {level: WARN, filePath: /x}
ping: {entryPoint: Web}
";
    let loaded = run(
        &["--log.level=DEBUG", "--entrypoints.other.address=:81", "--ping"],
        &[
            ("TRAEFIK_ENTRYPOINTS_WEB_ADDRESS", ":90"),
            ("TRAEFIK_LOG_LEVEL", "INFO"),
            ("TRAEFIK_ENTRYPOINTS_WEB_FORWARDEDHEADERS_TRUSTEDIPS", "1.1.1.1"),
        ],
        &[("./traefik.yml", file)],
    )
    .unwrap();
    let config = &loaded.config;
    let web = &config.entry_points["Web"];
    assert_eq!(web.address, ":90");
    assert_eq!(web.forwarded_headers.trusted_ips, ["1.1.1.1"], "a list is replaced as a whole");
    assert_eq!(web.transport.life_cycle.grace_time_out, Duration::from_secs(5));
    assert_eq!(config.entry_points.keys().collect::<Vec<_>>(), ["Web", "other"]);
    let log = config.log.as_ref().unwrap();
    assert_eq!((log.level.as_str(), log.file_path.as_str()), ("DEBUG", "/x"));
    assert_eq!(config.ping.as_ref().unwrap().entry_point, "Web", "switching on keeps the options");
    assert_eq!(loaded.file.as_deref(), Some("./traefik.yml"));
    let shown: Vec<String> = loaded.settings.iter().map(|s| format!("{}: {}", s.path, s.origin)).collect();
    assert_eq!(
        shown,
        [
            "entryPoints.Web.address: environment variable TRAEFIK_ENTRYPOINTS_WEB_ADDRESS",
            "entryPoints.Web.forwardedHeaders.trustedIPs: environment variable TRAEFIK_ENTRYPOINTS_WEB_FORWARDEDHEADERS_TRUSTEDIPS",
            "entryPoints.Web.transport.lifeCycle.graceTimeOut: ./traefik.yml:5:43",
            "entryPoints.other.address: flag --entrypoints.other.address",
            "log.level: flag --log.level",
            "log.filePath: ./traefik.yml:6:30",
            "ping.entryPoint: ./traefik.yml:7:20",
        ]
    );
}

#[test]
fn switching_off_in_an_upper_layer() {
    let file = "ping: {manualRouting: true}\naccessLog: {}\n";
    let config = good(&["--ping=false"], &[], &[("./traefik.yml", file)]);
    assert!(config.ping.is_none() && config.access_log.is_some());
}

#[test]
fn the_file_is_searched_in_the_usual_places() {
    let own = |address: &str| format!("entryPoints: {{web: {{address: '{address}'}}}}\n");
    let toml = |address: &str| format!("[entryPoints.web]\naddress = '{address}'\n");
    let files = [
        ("/etc/traefik/traefik.yml", own(":1")),
        ("/x/traefik.toml", toml(":2")),
        ("/h/.config/traefik.yaml", own(":3")),
        ("./traefik.yml", own(":4")),
        ("/own.yaml", own(":5")),
    ];
    let env = [("XDG_CONFIG_HOME", "/x"), ("HOME", "/h")];
    // Each place hides those after it.
    for (skip, expected) in [(0, ":1"), (1, ":2"), (2, ":3"), (3, ":4")] {
        let files: Vec<(&str, &str)> =
            files[skip..].iter().map(|(path, text)| (*path, text.as_str())).collect();
        assert_eq!(good(&[], &env, &files).entry_points["web"].address, expected);
    }
    let all: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    for args in
        [["--configFile=/own.yaml"].as_slice(), &["--configfile", "/own.yaml"], &["-configFile=/own.yaml"]]
    {
        assert_eq!(good(args, &env, &all).entry_points["web"].address, ":5");
    }
    assert_eq!(good(&[], &[("TRAEFIK_CONFIGFILE", "/own.yaml")], &all).entry_points["web"].address, ":5");
    // A missing one is only warned about, as Traefik goes on without it.
    let loaded = run(&["--configfile=/nope.yml"], &env, &all[3..]).unwrap();
    assert_eq!(loaded.config.entry_points["web"].address, ":4");
    let shown = loaded.warnings[0].to_string();
    assert_eq!(
        shown,
        "flag --configfile: the file /nope.yml does not exist; the usual places are tried instead"
    );
}

#[test]
fn bad_files_are_refused() {
    let cases = [
        ("", "no configuration found in file"),
        ("# only a comment\n", "no configuration found in file"),
        ("nosuch: 1\n", "no valid configuration found in file"),
        ("log:\n", "no valid configuration found in file"),
        ("[]", "./traefik.yml:1:1: expected a map of options, found an empty list"),
        ("entryPoints: [", "./traefik.yml:1:"),
        ("log: {nosuch: 1}", "./traefik.yml:1:7: unknown option \"nosuch\" in log"),
        ("log: {level: [a]}", "./traefik.yml:1:14: invalid value for log.level: expected text, found a list"),
        ("entryPoints: {web: }", "./traefik.yml:1:1: entryPoints needs at least one name"),
        (
            "entryPoints: {web: {address: ':80', foo: 1}}",
            "./traefik.yml:1:37: unknown option \"foo\" in entryPoints.web",
        ),
        ("entryPoints: {web: {http: {}}}", "entryPoints.web.http needs at least one option"),
        ("core: {}", "core needs at least one option"),
        ("pilot: {token: x}", "./traefik.yml:1:1: the option pilot no longer exists"),
        (
            "providers: {docker: {tls: {caOptional: true}}}",
            "the option providers.docker.tls.caOptional no longer exists",
        ),
        ("providers: {marathon: {}}", "the option providers.marathon no longer exists"),
        ("providers: {rancher: {x: 1}}", "the option providers.rancher no longer exists"),
        ("tracing: {jaeger: {}}", "the option tracing.jaeger no longer exists"),
        ("metrics: {influxDB: {address: a}}", "the option metrics.influxDB no longer exists"),
        ("providers: {consul: {namespace: a}}", "the option providers.consul.namespace no longer exists"),
        ("providers: {nomad: {namespace: a}}", "the option providers.nomad.namespace no longer exists"),
    ];
    for (text, expected) in cases {
        let shown = errors(&[], &[], &[("./traefik.yml", text)]);
        assert!(shown.iter().any(|error| error.contains(expected)), "{text}: {shown:#?}");
    }
    let shown = errors(&["--configfile=/a.json"], &[], &[("/a.json", "{}")]);
    assert!(shown[0].contains("unsupported file extension"), "{shown:?}");
}

#[test]
fn an_unknown_top_level_key_of_a_file_is_only_warned_about() {
    let loaded = run(&[], &[], &[("./traefik.yml", "entryPoint: {}\nhub: {}\nlog: {}\n")]).unwrap();
    let shown: Vec<String> = loaded.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(
        shown,
        [
            "./traefik.yml:1:1: the top-level key \"entryPoint\" is ignored; did you mean \"entryPoints\"?",
            "./traefik.yml:2:1: the option hub has no effect: it belongs to another product",
        ]
    );
}

/// What parses and is not there yet, each with the option that the message must name.
const PLANNED: [(&str, &str); 31] = [
    ("entryPoints: {w: {address: ':1', http3: {}}}", "entryPoints.w.http3"),
    ("log: {otlp: {}}", "log.otlp"),
    ("accessLog: {otlp: {}}", "accessLog.otlp"),
    ("metrics: {prometheus: {}}", "metrics"),
    ("tracing: {}", "tracing"),
    ("hostResolver: {}", "hostResolver"),
    ("certificatesResolvers: {a: {acme: {email: x}}}", "certificatesResolvers"),
    ("spiffe: {workloadAPIAddr: a}", "spiffe"),
    ("serversTransport: {spiffe: {}}", "serversTransport.spiffe"),
    ("tcpServersTransport: {tls: {spiffe: {}}}", "tcpServersTransport.tls.spiffe"),
    ("experimental: {plugins: {a: {moduleName: x}}}", "experimental.plugins"),
    ("experimental: {localPlugins: {a: {moduleName: x}}}", "experimental.localPlugins"),
    ("experimental: {otlpLogs: true}", "experimental.otlpLogs"),
    ("experimental: {knative: true}", "experimental.knative"),
    ("providers: {docker: {}}", "providers.docker"),
    ("providers: {swarm: {refreshSeconds: 5}}", "providers.swarm"),
    ("providers: {kubernetesIngress: {}}", "providers.kubernetesIngress"),
    ("providers: {kubernetesIngressNGINX: {}}", "providers.kubernetesIngressNGINX"),
    ("providers: {kubernetesCRD: {}}", "providers.kubernetesCRD"),
    ("providers: {kubernetesGateway: {gateways: [{name: a}]}}", "providers.kubernetesGateway"),
    ("providers: {knative: {}}", "providers.knative"),
    ("providers: {consulCatalog: {}}", "providers.consulCatalog"),
    ("providers: {nomad: {}}", "providers.nomad"),
    ("providers: {ecs: {}}", "providers.ecs"),
    ("providers: {consul: {}}", "providers.consul"),
    ("providers: {etcd: {}}", "providers.etcd"),
    ("providers: {zooKeeper: {}}", "providers.zooKeeper"),
    ("providers: {redis: {}}", "providers.redis"),
    ("providers: {http: {endpoint: 'http://a'}}", "providers.http"),
    ("providers: {rest: {}}", "providers.rest"),
    ("providers: {plugin: {a: {b: c}}}", "providers.plugin"),
];

#[test]
fn planned_options_are_refused_by_name() {
    for (text, option) in PLANNED {
        let problems = run(&[], &[], &[("./traefik.yml", text)]).expect_err(text);
        let [problem] = &problems[..] else { panic!("{text}: {problems:#?}") };
        assert_eq!((problem.kind, problem.path.as_str()), (ProblemKind::NotImplemented, option), "{text}");
        let shown = problem.to_string();
        assert!(
            shown.starts_with("./traefik.yml:1:") && shown.contains(" is not implemented yet"),
            "{shown}"
        );
    }
    // The list above is complete.
    let tops: Vec<String> = reference().into_iter().filter(|option| option.planned).map(|o| o.path).collect();
    let named = |path: &str| {
        let path = path.replace("<name>", "w");
        PLANNED.iter().any(|(_, option)| path == *option || path.starts_with(&format!("{option}.")))
    };
    let missing: Vec<&String> = tops.iter().filter(|path| !named(path)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn options_without_effect_are_warned_about() {
    let loaded =
        run(&["--experimental.fastproxy", "--global.checknewversion=true"], &[], &[]).expect("valid");
    let messages: Vec<_> = loaded.warnings.iter().map(|warning| &*warning.message).collect();
    assert_eq!(
        messages,
        ["experimental.fastProxy has no effect: ferroway has one data path, for all requests"]
    );
}

#[test]
fn deprecated_options_are_warned_about() {
    for text in [
        "core: {defaultRuleSyntax: v2}",
        "experimental: {kubernetesGateway: true}",
        "experimental: {kubernetesIngressNGINX: true}",
        "entryPoints: {w: {address: ':1', http: {underscoreHeadersStrategy: keep}}}",
    ] {
        let loaded = run(&[], &[], &[("./traefik.yml", text)]).unwrap_or_else(|e| panic!("{text}: {e:?}"));
        assert!(loaded.warnings[0].message.contains("is deprecated: "), "{text}: {:?}", loaded.warnings);
    }
}

#[test]
fn problems_of_the_whole_have_places() {
    let text = "entryPoints:\n  a: {address: 'x:1/sctp'}\n  b: {address: ':2'}\n  c: {address: ':2'}\n";
    let shown = errors(&[], &[], &[("./traefik.yml", text)]);
    assert_eq!(
        shown,
        [
            "./traefik.yml:2:16: entry point a: invalid address \"x:1/sctp\": invalid protocol: sctp (expected tcp or udp)",
            "./traefik.yml:4:16: entry point c: the address \":2\" is that of b too",
        ]
    );
    let text = "ocsp:\n  responderOverrides:\n    http://a: http://x\n    http://a.test: ''\n    http://b.test/c: d\n";
    let shown = errors(&[], &[], &[("./traefik.yml", text)]);
    assert_eq!(
        shown,
        [
            "./traefik.yml:4:20: the responder for \"http://a.test\" is empty",
            "./traefik.yml:5:22: the responder for \"http://b.test/c\" is \"d\"; expected http://host or https://host",
        ]
    );
}
