//! A running ferroway with files of its own, servers behind it and clients in front of it.

use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// Longer than anything takes that goes well.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Asks again and again until there is an answer.
#[track_caller]
pub(crate) fn eventually<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(start.elapsed() < PATIENCE, "{what} does not happen");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// A port that nobody else gets while this lives: it is bound, but not listened on, and may be shared.
struct Reserved {
    _socket: socket2::Socket,
    address: SocketAddr,
}

impl Reserved {
    fn new() -> Self {
        let socket =
            socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).expect("a socket");
        socket.set_reuse_port(true).expect("Linux");
        socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into()).expect("a free port");
        let address = socket.local_addr().expect("bound").as_socket().expect("an IP address");
        Self { _socket: socket, address }
    }
}

/// The command, knowing nothing of this machine's own configuration.
pub(crate) fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ferroway"));
    command.current_dir(folder).env_clear().env("HOME", folder).stdin(Stdio::null());
    command
}

/// What a command said and how it ended.
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Runs a command that ends by itself.
#[track_caller]
pub(crate) fn run(folder: &Path, args: &[&str]) -> Said {
    let child = command(folder).args(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let child = child.expect("the binary is there");
    let pid = Pid::from_child(&child);
    let (done, is_done) = channel();
    let watch = std::thread::spawn(move || {
        if is_done.recv_timeout(PATIENCE).is_err() {
            // It is ours: nobody has waited for it yet.
            let _ = kill_process(pid, Signal::KILL);
        }
    });
    let output = child.wait_with_output().expect("a child");
    // The watch may have ended.
    let _ = done.send(());
    watch.join().expect("no panic");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    Said { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

/// How a process is to be set up.
pub(crate) struct Setup {
    /// More options of the entry point `web`.
    pub(crate) entry_point: &'static str,
    /// More of the static configuration.
    pub(crate) more: &'static str,
    /// The dynamic configuration; none where it is empty.
    pub(crate) dynamic: String,
    pub(crate) watch: bool,
    pub(crate) env: &'static [(&'static str, &'static str)],
}

impl Default for Setup {
    fn default() -> Self {
        Self { entry_point: "", more: "", dynamic: String::new(), watch: true, env: &[] }
    }
}

/// A running process. It does not survive its test.
pub(crate) struct Process {
    child: Child,
    folder: TempDir,
    port: Reserved,
    output: Arc<Mutex<String>>,
}

impl Process {
    /// Starts one and waits until it listens.
    #[track_caller]
    pub(crate) fn start(setup: &Setup) -> Self {
        let folder = TempDir::new().expect("a folder");
        let port = Reserved::new();
        if !setup.dynamic.is_empty() {
            fs::write(folder.path().join("dynamic.yml"), &setup.dynamic).expect("a folder");
        }
        let text = format!(
            "entryPoints:\n  web:\n    address: \"{}\"\n    reusePort: true\n{}\
             providers:\n  providersThrottleDuration: 1ms\n  file: {{filename: dynamic.yml, watch: {}}}\n{}",
            port.address, setup.entry_point, setup.watch, setup.more
        );
        fs::write(folder.path().join("traefik.yml"), text).expect("a folder");
        let mut child = command(folder.path())
            .arg("--configFile=traefik.yml")
            .envs(setup.env.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary is there");
        let output = Arc::new(Mutex::new(String::new()));
        collect(child.stdout.take().expect("piped"), &output);
        collect(child.stderr.take().expect("piped"), &output);
        let mut process = Self { child, folder, port, output };
        eventually("listening", || {
            if let Some(status) = process.child.try_wait().expect("a child") {
                panic!("it ended with {status}:\n{}", process.output());
            }
            TcpStream::connect(process.address()).ok()
        });
        process
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.port.address
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it has written so far.
    pub(crate) fn output(&self) -> String {
        self.output.lock().expect("no panic").clone()
    }

    #[track_caller]
    pub(crate) fn says(&self, text: &str) {
        eventually(&format!("{text:?} in the log"), || self.output().contains(text).then_some(()));
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The content of a file of its; nothing while there is none.
    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    /// Puts a new version of the dynamic configuration in place, at once.
    pub(crate) fn configure(&self, dynamic: &str) {
        fs::write(self.path("next.yml"), dynamic).expect("a folder");
        fs::rename(self.path("next.yml"), self.path("dynamic.yml")).expect("a folder");
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("the process runs");
    }

    /// A new connection.
    #[track_caller]
    pub(crate) fn connect(&self) -> Client {
        Client::connect(self.address()).expect("it listens")
    }

    /// Status and body of a request over a new connection.
    #[track_caller]
    pub(crate) fn get(&self, target: &str) -> String {
        let mut client = self.connect();
        client.ask(target);
        client.read().expect("an answer")
    }

    /// Waits until a request is answered like this.
    #[track_caller]
    pub(crate) fn answers(&self, target: &str, expected: &str) {
        eventually(&format!("{expected:?} from {target}"), || (self.get(target) == expected).then_some(()));
    }

    /// Waits until it ends by itself.
    #[track_caller]
    pub(crate) fn ends(&mut self) -> ExitStatus {
        eventually("the end", || self.child.try_wait().expect("a child"))
    }

    /// Waits until nobody listens any more.
    #[track_caller]
    pub(crate) fn refuses(&self) {
        eventually("refused connections", || {
            let error = TcpStream::connect(self.address()).err()?;
            (error.kind() == io::ErrorKind::ConnectionRefused).then_some(())
        });
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn collect(mut from: impl Read + Send + 'static, to: &Arc<Mutex<String>>) {
    let to = to.clone();
    std::thread::spawn(move || {
        let mut piece = [0; 4096];
        while let Ok(n @ 1..) = from.read(&mut piece) {
            to.lock().expect("no panic").push_str(&String::from_utf8_lossy(&piece[..n]));
        }
    });
}

/// A client's connection.
pub(crate) struct Client(BufReader<TcpStream>);

impl Client {
    pub(crate) fn connect(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self(BufReader::new(stream)))
    }

    /// Sends a request; errors show when its answer is read.
    pub(crate) fn ask(&mut self, target: &str) {
        let request = format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n");
        let _ = self.0.get_mut().write_all(request.as_bytes());
    }

    /// Status and body.
    pub(crate) fn read(&mut self) -> io::Result<String> {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if self.0.read_line(&mut head)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
        let mut body = vec![0; length.map_or(0, |length| length.parse().expect("a number"))];
        self.0.read_exact(&mut body)?;
        let status = head.split(' ').nth(1).expect("a status");
        let last = if head.contains("Connection: close\r\n") { " (last)" } else { "" };
        Ok(format!("{status} {}{last}", String::from_utf8_lossy(&body)))
    }

    /// Whether the other side has ended the connection, in order and without a further byte.
    pub(crate) fn is_ended(&mut self) -> bool {
        matches!(self.0.read(&mut [0]), Ok(0))
    }
}

/// A server that answers with its name, at once or when it is told to. It ends with the test.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    came: Receiver<()>,
    answer: Sender<()>,
}

impl Server {
    /// Answers each request when it is told to.
    pub(crate) fn waiting(name: &'static str) -> Self {
        let ((tell, came), (answer, may_answer)) = (channel(), channel());
        let may_answer = Arc::new(Mutex::new(may_answer));
        let address = serve(name, move || {
            let told = tell.send(()).is_ok();
            told && may_answer.lock().expect("no panic").recv().is_ok()
        });
        Self { address, came, answer }
    }

    /// Waits for a request.
    #[track_caller]
    pub(crate) fn came(&self) {
        self.came.recv_timeout(PATIENCE).expect("a request in time");
    }

    pub(crate) fn answer(&self) {
        self.answer.send(()).expect("the server runs");
    }
}

/// The address of a server that answers at once.
pub(crate) fn server(name: &'static str) -> SocketAddr {
    serve(name, || true)
}

fn serve(name: &'static str, wait: impl FnMut() -> bool + Clone + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let address = listener.local_addr().expect("bound");
    answer_when(listener, name, wait, || {});
    address
}

/// Answers all requests at once with a name, and tells of each connection.
pub(crate) fn answer_all(listener: TcpListener, name: &'static str, came: impl FnMut() + Send + 'static) {
    answer_when(listener, name, || true, came);
}

fn answer_when(
    listener: TcpListener,
    name: &'static str,
    wait: impl FnMut() -> bool + Clone + Send + 'static,
    mut came: impl FnMut() + Send + 'static,
) {
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            came();
            let mut reader = BufReader::new(stream.expect("a connection"));
            let mut wait = wait.clone();
            std::thread::spawn(move || {
                let mut head = String::new();
                while reader.read_line(&mut head).is_ok_and(|n| n > 0) {
                    if !head.ends_with("\r\n\r\n") {
                        continue;
                    }
                    head.clear();
                    let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{name}", name.len());
                    if !wait() || reader.get_mut().write_all(answer.as_bytes()).is_err() {
                        return;
                    }
                }
            });
        }
    });
}

/// A dynamic configuration that sends everything to this server, but for `/ready`, which is 418.
pub(crate) fn all_to(server: SocketAddr) -> String {
    format!(
        "http:\n  routers:\n    all: {{rule: PathPrefix(`/`), service: s, priority: 1}}\n    \
         ready: {{rule: Path(`/ready`), service: noop@internal}}\n  services:\n    \
         s: {{loadBalancer: {{servers: [{{url: 'http://{server}'}}]}}}}\n"
    )
}
