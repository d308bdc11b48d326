//! A PostgreSQL server of the tests' own: one for each test process, made within a fraction of a second and
//! gone with the process, however that ends.

use std::{
    fs::{self, File},
    io::Read as _,
    os::unix::{
        fs::{MetadataExt as _, chown},
        process::CommandExt as _,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

/// The role that owns everything in the cluster.
const ROLE: &str = "masthead";
/// The account that the server runs as when the tests run as root, which PostgreSQL refuses.
const ACCOUNT: &str = "postgres";
const MISSING: &str = "PostgreSQL's programs are not found: these tests run on a PostgreSQL of their own. Install them \
                       (on Debian: apt-get install postgresql; no server needs to run), or put 'initdb' and 'postgres' on the PATH";

/// Starts at the server, on end of file of its input stops it and removes its folder. It outlives the test
/// process by that moment alone, and needs nobody to call it: the system closes the input.
const GUARD: &str = r#"
folder=$1; shift
"$@" </dev/null & server=$!
cat >/dev/null
kill -QUIT "$server"
wait "$server"
rm -rf "$folder"
"#;

/// A running server with its own folder, reached through a socket in it.
struct Cluster {
    folder: PathBuf,
    // Its input is what the guard waits on: held as long as this process lives.
    _guard: Child,
}

/// Makes a fresh database and gives its address.
pub(super) fn fresh_database() -> String {
    make_database("")
}

/// Makes a copy of a database that nobody is connected to, and gives its address.
pub(super) fn copy_of_database(address: &str) -> String {
    let (before, _) = address.split_once('?').expect("an address of ours");
    let (_, name) = before.rsplit_once('/').expect("an address of ours");
    make_database(&format!(" TEMPLATE {name}"))
}

fn make_database(template: &str) -> String {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    static DATABASES: AtomicU32 = AtomicU32::new(0);
    let cluster = CLUSTER.get_or_init(Cluster::start);
    let name = format!("test_{}", DATABASES.fetch_add(1, Ordering::Relaxed));
    super::store::execute(
        &cluster.address("postgres"),
        &format!("CREATE DATABASE {name}{template}"),
    );
    cluster.address(&name)
}

impl Cluster {
    fn start() -> Self {
        let programs = programs();
        let template = template(&programs);
        let folder = new_folder();
        let data = folder.join("data");
        run(Command::new("cp").arg("-a").arg(&template).arg(&data));
        let owner = data.metadata().unwrap();
        chown(&folder, Some(owner.uid()), Some(owner.gid())).unwrap();

        let log = File::create(folder.join("log")).unwrap();
        let guard = Command::new("sh")
            .args(["-c", GUARD, "guard"])
            .arg(&folder)
            .args(as_account())
            .arg(programs.join("postgres"))
            .arg("-D")
            .arg(&data)
            .arg("-k")
            .arg(&folder)
            .args([
                "-c",
                "listen_addresses=",
                "-c",
                "fsync=off",
                "-c",
                "full_page_writes=off",
            ])
            .args(["-c", "synchronous_commit=off", "-c", "shared_buffers=32MB"])
            .stdin(Stdio::piped())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            // A signal to the tests' group must not keep the guard from cleaning up.
            .process_group(0)
            .spawn()
            .expect("a shell, 'sh', on the PATH");
        let cluster = Self {
            folder,
            _guard: guard,
        };
        cluster.wait_until_ready();
        cluster
    }

    fn wait_until_ready(&self) {
        let state = self.folder.join("data/postmaster.pid");
        let deadline = Instant::now() + Duration::from_secs(60);
        while !fs::read_to_string(&state).is_ok_and(|state| state.contains("ready")) {
            assert!(
                Instant::now() < deadline,
                "PostgreSQL did not start: {}",
                fs::read_to_string(self.folder.join("log")).unwrap_or_default()
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn address(&self, database: &str) -> String {
        format!(
            "postgres://{ROLE}@localhost/{database}?host={}",
            self.folder.display()
        )
    }
}

/// A data directory that is ready to be copied: made once, for all test processes and runs.
///
/// Its collation is a language's, not the C locale's, so that what must be compared byte by byte shows when
/// it is not.
fn template(programs: &Path) -> PathBuf {
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR"));
    fs::create_dir_all(cache).unwrap();
    let lock = File::create(cache.join("postgresql-template.lock")).unwrap();
    lock.lock().unwrap();
    let template = cache.join(format!("postgresql-template-{}", version(programs)));
    if !template.exists() {
        let folder = new_folder();
        if is_root() {
            run(Command::new("chown").arg(ACCOUNT).arg(&folder));
        }
        let made = folder.join("data");
        let arguments: Vec<String> = as_account();
        let initdb = programs.join("initdb").display().to_string();
        let mut words = arguments.into_iter().chain([initdb]);
        run(Command::new(words.next().unwrap())
            .args(words)
            .arg("-D")
            .arg(&made)
            .args([
                "--auth=trust",
                "--no-sync",
                "--encoding=UTF8",
                "--wal-segsize=1",
            ])
            .args([
                "--locale=C.UTF-8",
                "--locale-provider=icu",
                "--icu-locale=en",
            ])
            .arg(format!("--username={ROLE}")));
        // Under its own name only once it is whole: a run that is broken off leaves nothing to trip over.
        let unfinished = template.with_extension("unfinished");
        fs::remove_dir_all(&unfinished)
            .or_else(|error| {
                if unfinished.exists() {
                    Err(error)
                } else {
                    Ok(())
                }
            })
            .unwrap();
        run(Command::new("cp").arg("-a").arg(&made).arg(&unfinished));
        fs::rename(&unfinished, &template).unwrap();
        fs::remove_dir_all(&folder).unwrap();
    }
    template
}

/// A new folder with a path short enough for a socket in it (107 bytes at most).
fn new_folder() -> PathBuf {
    tempfile::Builder::new()
        .prefix("masthead-postgresql-")
        .tempdir_in("/tmp")
        .unwrap()
        .keep()
}

/// The folder of PostgreSQL's programs: on the PATH, or the newest where Debian keeps them.
fn programs() -> PathBuf {
    let on_path = std::env::var_os("PATH")
        .into_iter()
        .flat_map(|path| std::env::split_paths(&path).collect::<Vec<_>>());
    let number = |folder: &PathBuf| -> Option<u32> { folder.file_name()?.to_str()?.parse().ok() };
    let mut installed: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .map(|versions| {
            versions
                .filter_map(|version| Some(version.ok()?.path()))
                .collect()
        })
        .unwrap_or_default();
    installed.sort_by_key(number);
    on_path
        .chain(
            installed
                .into_iter()
                .rev()
                .map(|version| version.join("bin")),
        )
        .find(|folder| folder.join("initdb").is_file() && folder.join("postgres").is_file())
        .unwrap_or_else(|| panic!("{MISSING}"))
}

/// '15.18', as the server's own program says it.
fn version(programs: &Path) -> String {
    let output = Command::new(programs.join("postgres"))
        .arg("--version")
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.split_whitespace()
        .nth(2)
        .expect("a version")
        .to_owned()
}

/// What stands before a command so that it does not run as root.
fn as_account() -> Vec<String> {
    if is_root() {
        [
            "setpriv",
            "--reuid",
            ACCOUNT,
            "--regid",
            ACCOUNT,
            "--clear-groups",
        ]
        .map(str::to_owned)
        .to_vec()
    } else {
        // `env` alone runs its arguments.
        vec!["env".to_owned()]
    }
}

fn is_root() -> bool {
    tempfile::tempfile().unwrap().metadata().unwrap().uid() == 0
}

fn run(command: &mut Command) {
    let mut child = command
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?} cannot be run: {error}"));
    let mut complaint = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut complaint)
        .unwrap();
    let status = child.wait().unwrap();
    assert!(status.success(), "{command:?} failed: {complaint}");
}
