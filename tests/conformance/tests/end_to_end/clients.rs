//! Clients that others have written, over TLS and without, with HTTP/1.1 and HTTP/2.

use std::future::Future;
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::pin::Pin;

use anyhow::{Context as _, Result, ensure};

use crate::programs::{self, Said};
use crate::report::Report;
use crate::site::Site;

/// Bytes that go to the server and come back.
const BODY: usize = 2_000_000;

type Checking<'a> = Pin<Box<dyn Future<Output = Result<()>> + 'a>>;

/// A check with one program.
struct Check {
    name: &'static str,
    program: &'static str,
    run: for<'a> fn(&'a Site, &'a Path) -> Checking<'a>,
}

const CHECKS: &[Check] = &[
    Check { name: "curl", program: "curl", run: |site, program| Box::pin(curl(site, program)) },
    Check { name: "nghttp", program: "nghttp", run: |site, program| Box::pin(nghttp(site, program)) },
    Check { name: "h2load", program: "h2load", run: |site, program| Box::pin(h2load(site, program)) },
    Check { name: "net/http", program: "go", run: |site, program| Box::pin(net_http(site, program)) },
    Check { name: "node", program: "node", run: |site, program| Box::pin(node(site, program)) },
    Check {
        name: "openssl/versions",
        program: "openssl",
        run: |site, program| Box::pin(versions(site, program)),
    },
    Check {
        name: "openssl/renegotiation",
        program: "openssl",
        run: |site, program| Box::pin(renegotiation(site, program)),
    },
    Check {
        name: "openssl/resumption",
        program: "openssl",
        run: |site, program| Box::pin(resumption(site, program)),
    },
];

/// Starts the router and runs the checks whose program is there.
pub(crate) async fn run(router: &Path, report: &mut Report) {
    if programs::find("openssl").is_none() {
        return report.skip("clients", "openssl is not installed");
    }
    let site = match Site::start(router, "clients").await {
        Ok(site) => site,
        Err(error) => return report.result("clients/start", &Err(error)),
    };
    for check in CHECKS {
        let name = format!("clients/{}", check.name);
        if !report.wants(&name) {
            continue;
        }
        match programs::find(check.program) {
            Some(program) => report.result(&name, &(check.run)(&site, &program).await),
            None => report.skip(&name, &format!("{} is not installed", check.program)),
        }
    }
}

/// A file with what is sent, and its name.
fn body(site: &Site) -> Result<(Vec<u8>, PathBuf)> {
    let bytes: Vec<u8> = (0..=250).cycle().take(BODY).collect();
    let file = site.folder.join("body");
    std::fs::write(&file, &bytes)?;
    Ok((bytes, file))
}

async fn curl(site: &Site, curl: &Path) -> Result<()> {
    let (bytes, _) = body(site)?;
    let (plain, secure) =
        (format!("http://localhost:{}", site.plain), format!("https://localhost:{}", site.secure));
    for (url, options, version, reused) in [
        (&plain, &["--http1.1"][..], "1.1", true),
        // curl 7.88 sends a second preface over a connection that it uses again.
        (&plain, &["--http2-prior-knowledge"], "2", false),
        // It asks whether it may switch to HTTP/2, and gets an answer as it is.
        (&plain, &["--http2"], "1.1", true),
        (&secure, &["--http1.1"], "1.1", true),
        (&secure, &["--http1.1", "--tls-max", "1.2"], "1.1", true),
        (&secure, &["--http2"], "2", true),
        (&secure, &["--http2", "--tls-max", "1.2"], "2", true),
        (&secure, &["--http2", "--tlsv1.3"], "2", true),
    ] {
        let (first, second) = (format!("{url}/one"), format!("{url}/two"));
        let common = ["--silent", "--show-error", "--cacert", "edge-ca.pem", "--data-binary", "@body"];
        let shown = ["--write-out", "%{http_code} over %{http_version}, connections: %{num_connects}\n"];
        let mut args = [&common, &shown[..], options, &["--output", "one.out", &first]].concat();
        let mut expected = format!("200 over {version}, connections: 1\n");
        let mut outputs = vec!["one.out"];
        if reused {
            args.extend(["--output", "two.out", &second]);
            expected.push_str(&format!("200 over {version}, connections: 0\n"));
            outputs.push("two.out");
        }
        let said = programs::run(curl, &args, &site.folder, "").await?;
        said.expect(&[&expected]).with_context(|| format!("{options:?}"))?;
        for output in outputs {
            let same = std::fs::read(site.folder.join(output))? == bytes;
            ensure!(same, "{options:?}: another body came back");
        }
    }
    Ok(())
}

async fn nghttp(site: &Site, nghttp: &Path) -> Result<()> {
    let (bytes, _) = body(site)?;
    for url in [format!("http://localhost:{}/", site.plain), format!("https://localhost:{}/", site.secure)] {
        let args = ["--stat", "--multiply=20", "--null-out", &url];
        let said = programs::run(nghttp, &args, &site.folder, "").await?;
        said.expect_text(&[" 200 "])?;
        ensure!(said.text.matches(" 200 ").count() == 20, "{}", said.text);
        let args = ["--data=body", "--verbose", "--null-out", &url];
        let said = programs::run(nghttp, &args, &site.folder, "").await?;
        said.expect(&[":status: 200", &format!("content-length: {}", bytes.len())])?;
    }
    Ok(())
}

async fn h2load(site: &Site, h2load: &Path) -> Result<()> {
    body(site)?;
    for url in [format!("http://localhost:{}/", site.plain), format!("https://localhost:{}/", site.secure)] {
        let load = ["--requests=1000", "--clients=5", "--max-concurrent-streams=50"];
        let said = programs::run(h2load, &[&load[..], &[&url]].concat(), &site.folder, "").await?;
        said.expect(&["1000 succeeded, 0 failed, 0 errored"])?;
    }
    Ok(())
}

async fn net_http(site: &Site, go: &Path) -> Result<()> {
    let client = site.folder.join("clients");
    programs::build_go(go, &programs::repository("tests/conformance/clients/go")?, ".", &client).await?;
    for (port, options) in [(site.plain, &[][..]), (site.secure, &["-ca", "edge-ca.pem"])] {
        let address = format!("127.0.0.1:{port}");
        let args = [&["http", "-addr", &address, "-host", "localhost"], options].concat();
        let said = programs::run(&client, &args, &site.folder, "").await?;
        said.expect(&["ok HTTP/1", "ok HTTP/2"])?;
    }
    Ok(())
}

async fn node(site: &Site, node: &Path) -> Result<()> {
    let script = programs::repository("tests/conformance/clients/node.mjs")?;
    let (plain, secure) = (site.plain.to_string(), site.secure.to_string());
    let args = [script.to_str().context("a path")?, &plain, &secure, "edge-ca.pem"];
    let said = programs::run(node, &args, &site.folder, "").await?;
    said.expect(&["ok HTTP/1.1\n", "ok HTTP/1.1 over TLS 1.2", "ok h2c", "ok HTTP/2 over TLS"])
}

/// What `openssl s_client` says when it sends a request and reads to the end.
async fn s_client(site: &Site, openssl: &Path, options: &[&str]) -> Result<Said> {
    const REQUEST: &str = "GET / HTTP/1.1\nHost: localhost\nConnection: close\n\n";
    let address = format!("127.0.0.1:{}", site.secure);
    let common = ["s_client", "-connect", &address, "-servername", "localhost", "-CAfile", "edge-ca.pem"];
    let options = [&common, &["-verify_return_error", "-crlf", "-ign_eof"][..], options].concat();
    programs::run(openssl, &options, &site.folder, REQUEST).await
}

async fn versions(site: &Site, openssl: &Path) -> Result<()> {
    for (options, expected) in [
        (&["-tls1_3"][..], "New, TLSv1.3"),
        (&["-tls1_2"], "New, TLSv1.2"),
        (&["-alpn", "http/1.1"], "ALPN protocol: http/1.1"),
        // Without a common protocol there is none, and HTTP/1.1 is spoken.
        (&["-no_tls1_3", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256"], "ECDHE-ECDSA-AES128-GCM-SHA256"),
    ] {
        let said = s_client(site, openssl, options).await?;
        let parts = [expected, "Verify return code: 0 (ok)", "HTTP/1.1 200 OK", "greetings from the server"];
        said.expect(&parts).with_context(|| format!("{options:?}"))?;
    }
    for options in [&["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"][..], &["-alpn", "something-else"]] {
        let said = s_client(site, openssl, options).await?;
        ensure!(!said.success && !said.text.contains("HTTP/1.1"), "{options:?}: {}", said.text);
        said.expect_text(&["alert"]).with_context(|| format!("{options:?}"))?;
    }
    Ok(())
}

/// A client that wants to negotiate anew (RFC 5246 section 7.4.1.1) is told that it cannot, or has the connection closed.
async fn renegotiation(site: &Site, openssl: &Path) -> Result<()> {
    let address = format!("127.0.0.1:{}", site.secure);
    let args = ["s_client", "-connect", &address, "-servername", "localhost", "-tls1_2"];
    let said = programs::run(openssl, &args, &site.folder, "R\n").await?;
    said.expect_text(&["RENEGOTIATING", "no renegotiation"])
}

/// A session goes on with whichever worker the next connection comes to.
async fn resumption(site: &Site, openssl: &Path) -> Result<()> {
    for version in ["-tls1_2", "-tls1_3"] {
        s_client(site, openssl, &[version, "-sess_out", "session.pem"]).await?.expect(&["New, "])?;
        // Each one that stays open makes the other of the two workers the next one's.
        let mut open = Vec::new();
        for turn in 0..4 {
            let said = s_client(site, openssl, &[version, "-sess_in", "session.pem"]).await?;
            said.expect(&["Reused, ", "HTTP/1.1 200 OK"]).with_context(|| format!("{version}, {turn}"))?;
            open.push(TcpStream::connect((Ipv4Addr::LOCALHOST, site.secure))?);
        }
    }
    Ok(())
}
