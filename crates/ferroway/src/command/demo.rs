//! `ferroway demo`: ferroway in front of a few services of its own, with a configuration to play with.

mod whoami;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};

use super::{load_static, say};

/// Where the demo listens unless told otherwise.
const DEFAULT_ADDRESS: &str = "127.0.0.1:8000";

/// A router of the demo: its name, rule, middlewares and service, and an address to try.
struct Route {
    name: &'static str,
    rule: &'static str,
    middlewares: &'static str,
    service: &'static str,
    try_it: &'static str,
    shows: &'static str,
}

const ROUTES: [Route; 5] = [
    Route {
        name: "blog",
        rule: "Host(`blog.localhost`)",
        middlewares: "",
        service: "blog",
        try_it: "http://blog.localhost:PORT/",
        shows: "a router by host",
    },
    Route {
        name: "shop",
        rule: "Host(`shop.localhost`)",
        middlewares: "",
        service: "shop",
        try_it: "http://shop.localhost:PORT/cart?item=1",
        shows: "two servers in turn",
    },
    Route {
        name: "api",
        rule: "PathPrefix(`/api`)",
        middlewares: "strip-api, secure",
        service: "api",
        try_it: "http://localhost:PORT/api/users",
        shows: "a prefix taken off, security headers",
    },
    Route {
        name: "old",
        rule: "Path(`/old`)",
        middlewares: "to-new",
        service: "blog",
        try_it: "http://localhost:PORT/old",
        shows: "a redirection",
    },
    Route {
        name: "mobile",
        rule: "PathPrefix(`/`) && HeaderRegexp(`User-Agent`, `Mobile`)",
        middlewares: "",
        service: "blog",
        try_it: "-A Mobile http://localhost:PORT/",
        shows: "a router by header",
    },
];

/// Runs the demo until it is interrupted.
pub(crate) fn run(args: &[String]) -> anyhow::Result<ExitCode> {
    let address = match args {
        [] => DEFAULT_ADDRESS,
        [address] if !address.starts_with('-') => address,
        _ => bail!("usage: ferroway demo [HOST:PORT]"),
    };
    let port = address.rsplit_once(':').map(|(_, port)| port).context("the address has no port")?;
    let folder = Folder::new()?;
    let servers = ["blog", "shop-1", "shop-2", "api"]
        .into_iter()
        .map(|name| Ok((name, whoami::start(name)?)))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let dynamic = folder.write("dynamic.yml", &dynamic(&servers))?;
    let file = folder.write("traefik.yml", &fixed(address, &dynamic))?;
    let loaded = load_static(&[format!("--configFile={}", file.display())])?;
    say(&welcome(port, &file, &dynamic));
    super::run::serve(loaded)
}

fn fixed(address: &str, dynamic: &Path) -> String {
    format!(
        "# The static configuration of the demo: what is set once, at the start.\n\
         entryPoints:\n  web:\n    address: \"{address}\"\n\
         providers:\n  file:\n    filename: \"{}\"\n    watch: true\n\
         log:\n  level: INFO\naccessLog:\n  format: json\nping:\n  entryPoint: web\n",
        dynamic.display()
    )
}

fn dynamic(servers: &[(&str, std::net::SocketAddr)]) -> String {
    let mut out = String::from(
        "# The dynamic configuration of the demo. Edit it while ferroway runs: a change is live at once (two of them\n\
         # within two seconds are taken together), and a mistake is reported in the log.\nhttp:\n  routers:\n",
    );
    // Writing to a string does not fail.
    for route in &ROUTES {
        let _ = writeln!(
            out,
            "    {}:\n      rule: \"{}\"\n      service: {}",
            route.name, route.rule, route.service
        );
        if !route.middlewares.is_empty() {
            let _ = writeln!(out, "      middlewares: [{}]", route.middlewares);
        }
    }
    out.push_str(
        "  middlewares:\n    strip-api:\n      stripPrefix:\n        prefixes: [\"/api\"]\n    secure:\n      headers:\n        \
         frameDeny: true\n        contentTypeNosniff: true\n        customResponseHeaders:\n          X-Served-By: ferroway\n    \
         to-new:\n      redirectRegex:\n        regex: \"/old$\"\n        replacement: \"/api/new\"\n  services:\n",
    );
    for service in ["blog", "shop", "api"] {
        let _ = writeln!(out, "    {service}:\n      loadBalancer:\n        servers:");
        for (_, address) in servers.iter().filter(|(name, _)| name.starts_with(service)) {
            let _ = writeln!(out, "          - url: \"http://{address}\"");
        }
    }
    out
}

fn welcome(port: &str, file: &Path, dynamic: &Path) -> String {
    let mut out = String::from("ferroway runs, with a few services of its own behind it. Try:\n\n");
    for route in &ROUTES {
        let command = format!("curl -i {}", route.try_it.replace("PORT", port));
        let _ = writeln!(out, "  {command:<58} # {}: {}", route.name, route.shows);
    }
    let _ = writeln!(
        out,
        "  {:<58} # no router: 404, and the log says why (Reason)",
        format!("curl -i http://localhost:{port}/")
    );
    let _ = write!(
        out,
        "\nThe configuration, to be read and changed while it runs:\n  {}\n  {}\n\nPress Ctrl-C to end.\n",
        file.display(),
        dynamic.display()
    );
    out
}

/// A folder for the demo's configuration, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> anyhow::Result<Self> {
        let path = std::env::temp_dir().join(format!("ferroway-demo-{}", std::process::id()));
        std::fs::create_dir_all(&path)
            .with_context(|| format!("cannot make the folder {}", path.display()))?;
        Ok(Self(path))
    }

    fn write(&self, name: &str, text: &str) -> anyhow::Result<PathBuf> {
        let path = self.0.join(name);
        std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Left behind in the temporary folder at worst.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
